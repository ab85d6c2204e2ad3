"""What is kept for how long: swept by the night, by business dates. Nothing that a rebuild needs
goes: deliveries in raw, the ledger and the decision log stay."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg

from regulars.settings import Settings
from regulars.warehouse import connect


def sweep(settings: Settings, as_of: date) -> dict[str, int]:
    """Delete what is older than its kind's days. Returns how many of each went; safe to repeat."""
    last = {
        kind: as_of - timedelta(days=days)
        for kind, days in settings.retention_days.items()
        if days is not None
    }
    swept = {}
    with connect(settings, "admin") as connection:
        if "generations" in last:
            swept["generations_swept"] = _generations(connection, settings, last["generations"])
        if "list_files" in last:
            swept["list_files_swept"] = _list_files(settings, last["list_files"])
        if "quarantine" in last:
            swept["raw_texts_swept"] = _quarantine(connection, last["quarantine"])
        if "landing" in last:
            swept["landing_files_swept"] = _landing(connection, settings, last["landing"])
    return swept


def _generations(connection: psycopg.Connection, settings: Settings, last: date) -> int:
    """Folders of nights before `last`, never the live one."""
    rows = connection.execute(
        "select generation from decisions.publications"
        " where as_of < %s and generation < (select max(generation) from decisions.publications)",
        [last],
    )
    folders = [settings.generations / str(generation) for (generation,) in rows]
    found = [folder for folder in folders if folder.is_dir()]
    for folder in found:
        shutil.rmtree(folder)
    return len(found)


def _list_files(settings: Settings, last: date) -> int:
    """List files whose every row was valid until a day before `last`; the manifest stays."""
    swept = 0
    for file in sorted(settings.generations.glob("*/lists/*.csv")):
        until = list(_valid_until(file))
        if until and max(until) < last.isoformat():
            file.unlink()
            rejected = file.with_name(f"{file.stem}.rejected.csv")
            rejected.unlink(missing_ok=True)
            swept += 1
    return swept


def _valid_until(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row.get("valid_until"):
                yield row["valid_until"]


def _quarantine(connection: psycopg.Connection, last: date) -> int:
    """The raw text of refused lines. Whom a refused no may mean is still held: by its words."""
    return connection.execute(
        """
        update raw.quarantine as q
        set raw_text = null
        from raw.deliveries as d
        where q.delivery_id = d.delivery_id and d.delivered_on < %s and q.raw_text is not null
        """,
        [last],
    ).rowcount


def _landing(connection: psycopg.Connection, settings: Settings, last: date) -> int:
    """Delivered files that are in raw as a whole; who waits for a replay stays."""
    rows = connection.execute(
        """
        select d.path
        from raw.deliveries as d
        group by d.path
        having max(d.delivered_on) < %s and bool_and(d.status <> 'refused') and not exists (
            select 1 from raw.quarantine as q
            where q.file = d.path and q.replayed_at is null
        )
        order by d.path
        """,
        [last],
    )
    files = [settings.landing / path for (path,) in rows]
    found = [file for file in files if file.is_file()]
    for file in found:
        file.unlink()
        file.with_name(f"{file.name}.manifest.json").unlink(missing_ok=True)
    return len(found)
