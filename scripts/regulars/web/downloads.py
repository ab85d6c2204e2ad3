"""A list's file for a target, as it may go out now: the published one without those who have said
no since, and the manifest that names its generation. Nothing of it stays on the disk."""

from __future__ import annotations

import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulars.lists.files import describe
from regulars.phrases import say, told
from regulars.private_files import make_folder
from regulars.sending import generation_to_send, reduced
from regulars.sending.generation_to_send import SendingRefused
from regulars.sending.withdrawn import note_withdrawn, noted
from regulars.settings import Settings
from regulars.targets import declaration
from regulars.web.desk import Refused

FOLDER = "desk"


@dataclass(frozen=True)
class Offer:
    """What of a list can be downloaded: a target, and how many rows its file had when published."""

    target: str
    name: str
    rows: int
    withheld: str | None


@dataclass(frozen=True)
class Download:
    """path is the one file, or a zip of them where the target's limits split it."""

    generation: int
    path: Path
    manifest: Path
    rows: int
    left_out: int
    manifest_sha256: str


def offers(settings: Settings, list_code: str) -> list[Offer]:
    """By target, in the company's order; the first is the one that its tool takes."""
    entry = _entry(settings, list_code)
    return [
        Offer(
            target["target"],
            told(target["target_name"]),
            sum(file["rows"] for file in target["files"]),
            target["withheld"],
        )
        for target in (entry["targets"] if entry else ())
    ]


@contextmanager
def made(settings: Settings, list_code: str, target: str) -> Iterator[Download]:
    """The files in a folder of their own, which is gone afterwards. Raises Refused where nothing
    may go out, and says why."""
    night = generation_to_send.night(settings)
    note_withdrawn(settings, night)
    published = generation_to_send.of(settings, night)
    entry = _entry(settings, list_code)
    declared = declaration.load(settings.dbt_project).get(target)
    if entry is None or declared is None or target not in [t["target"] for t in entry["targets"]]:
        raise Refused(
            say("There is no file of {list} for {target}.", list=list_code, target=target)
        )
    left_out = noted(settings, published, night, target).get(list_code, set())
    scratch = make_folder(_folder(settings) / secrets.token_hex(8))
    try:
        package = reduced.pack(published, night, entry, declared, left_out, scratch)
        if package.withheld:
            raise Refused(
                say(
                    "{list} does not go to {target}: {why}.",
                    list=list_code,
                    target=declared.name,
                    why=package.withheld,
                )
            )
        yield Download(
            published.generation,
            _one_file(package, scratch),
            package.manifest,
            package.rows,
            package.left_out,
            describe(package.manifest, 0).sha256,
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def forget(settings: Settings) -> None:
    """Delete what a service that was killed left."""
    shutil.rmtree(_folder(settings), ignore_errors=True)


def _folder(settings: Settings) -> Path:
    return settings.home / "deliveries" / FOLDER


def _entry(settings: Settings, list_code: str) -> dict[str, Any] | None:
    try:
        lists = generation_to_send.of(settings, generation_to_send.night(settings)).lists
    except SendingRefused as refused:
        raise Refused(str(refused)) from None
    return next((entry for entry in lists if entry["list_code"] == list_code), None)


def _one_file(package: reduced.Package, scratch: Path) -> Path:
    paths = [package.folder / file.name for file in package.files]
    if len(paths) == 1:
        return paths[0]
    together = scratch / f"{package.name}.zip"
    with zipfile.ZipFile(together, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (*paths, package.manifest):
            archive.write(path, path.name)
    return together
