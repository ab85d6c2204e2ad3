"""What goes to one target: every list that goes there, each once a generation.

A file that has arrived is found by asking the target, not by remembering: the manifest goes last,
so where it lies everything has arrived, even if nobody lived to write that down.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from regulars import failpoints
from regulars.lists.files import describe
from regulars.nights.lock import lock_of, only_one
from regulars.private_files import make_folder
from regulars.project import list_definitions
from regulars.sending import generation_to_send, reduced, sent_log
from regulars.sending.connection import open_place
from regulars.sending.generation_to_send import Live, SendingRefused
from regulars.sending.reduced import Package
from regulars.sending.sent_log import Delivered
from regulars.sending.target_folder import TargetFolder
from regulars.sending.withdrawn import noted
from regulars.settings import Settings
from regulars.targets import declaration, places
from regulars.targets.places import Place


@dataclass(frozen=True)
class Brought:
    """What lies at a target: rows, people left out, the day up to which a no was known."""

    rows: int
    left_out: int
    noes_known_on: date


def deliver(settings: Settings, as_of: date, target: str) -> dict[str, Any]:
    """Deliver the live generation's lists to one target, or write the audience tables.

    Safe to repeat, and to run twice at once. Returns what became of each list: `delivered` (rows),
    `before` (it has this generation's copy) and `withheld` (why). Raises SendingRefused,
    SendingFailed.
    """
    definitions = list_definitions.load(settings.dbt_project)
    declared = places.load(settings.dbt_project, definitions)
    if target not in declared.targets:
        raise SendingRefused(
            f"Nothing is delivered to '{target}'; dbt_project/destinations.yml says what is:"
            f" {', '.join(declared.targets) or 'nothing yet'}."
        )
    published = generation_to_send.of(settings, as_of)
    left_out = noted(settings, published, as_of, target)
    switched_on = {definition.list_code for definition in definitions}
    lists = [entry for entry in published.lists if entry["list_code"] in switched_on]
    with only_one(settings, lock_of(target), f"Another delivery to {target} is at work."):
        if target == places.TABLES:
            from regulars.sending.audience_tables import write_tables

            return write_tables(settings, published, as_of, lists, declared.tables, left_out)
        return _send_lists(settings, published, as_of, lists, declared.files[target], left_out)


def _send_lists(
    settings: Settings,
    published: Live,
    as_of: date,
    lists: list[dict[str, Any]],
    place: Place,
    left_out: Mapping[str, set[str]],
) -> dict[str, Any]:
    target = declaration.load(settings.dbt_project)[place.target]
    system, path = open_place(place)
    folder = TargetFolder(system, f"{path}/{published.generation}")
    before = sent_log.of(settings, published.generation, place.target)
    scratch = settings.home / "deliveries" / place.target
    outcome: dict[str, Any] = {"delivered": {}, "before": [], "withheld": {}}
    shutil.rmtree(scratch, ignore_errors=True)  # what a killed delivery left
    for entry in lists:
        code = entry["list_code"]
        if place.target not in [sent["target"] for sent in entry["targets"]]:
            continue
        if code in before:
            outcome["before"].append(code)
            continue
        package = reduced.pack(
            published,
            as_of,
            entry,
            target,
            left_out.get(code, set()),
            make_folder(scratch / "lists"),
        )
        if package.withheld:
            outcome["withheld"][code] = package.withheld
            continue
        outcome["delivered"][code] = _send(settings, published, as_of, place, folder, package)
    shutil.rmtree(scratch, ignore_errors=True)
    return outcome


def _send(
    settings: Settings,
    published: Live,
    as_of: date,
    place: Place,
    folder: TargetFolder,
    package: Package,
) -> int:
    """Bring a list's files there, then its manifest, then log it. Returns the rows."""
    brought = _brought_before(folder, published, package)
    if brought is None:
        for file in package.files:
            folder.bring(package.folder / file.name, file)
            failpoints.hit("deliver:file_arrived")
        folder.bring(package.manifest, describe(package.manifest, 0))
        failpoints.hit("deliver:manifest_arrived")
        brought = Brought(package.rows, package.left_out, as_of)
    sent_log.note(
        settings,
        Delivered(
            generation=published.generation,
            list_code=package.list_code,
            target=place.target,
            as_of=brought.noes_known_on,
            place=f"{place.connection or 'folder'}: {place.folder}",
            rows=brought.rows,
            left_out=brought.left_out,
            manifest_sha256=folder.sha256(package.manifest.name),
        ),
    )
    return brought.rows


def _brought_before(folder: TargetFolder, published: Live, package: Package) -> Brought | None:
    """What a delivery that was killed brought, with what was known then; None where what lies there
    is no manifest of this very generation: another warehouse, or a restored one, counts alike."""
    manifest = folder.read_json(package.manifest.name) or {}
    if (manifest.get("generation"), manifest.get("run_id")) != (
        published.generation,
        published.run_id,
    ):
        return None
    try:
        return Brought(
            int(manifest["rows"]),
            int(manifest["left_out"]),
            date.fromisoformat(manifest["noes_known_on"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
