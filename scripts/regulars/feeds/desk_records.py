"""What people wrote down in the browser comes back as a delivery like any other: the log is handed
in as files of the system `desk`, before they are looked for.

A file holds all that was written while one night was live, up to the record that its revision
names, and is delivered for that night: whatever is delivered after knows it, a rebuild of the night
does not. Its rows happened on the day after; no clock decides.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg

from regulars import warehouse
from regulars.feeds.sidecar import manifest_of
from regulars.private_files import make_folder, open_text, sync
from regulars.settings import Settings

SYSTEM = "desk"
TABLE = "desk_records"
COLUMNS = ("record_id", "kind", "customer_id", "list_code", "outcome", "happened_at")
Record = tuple[int, str, str, str | None, str | None]
# Nights of which something was written down that the ledger does not have.
NIGHTS = """
select r.as_of, max(r.record_id)
from decisions.desk_records as r
where r.kind in ('call', 'no')
group by r.as_of
having max(r.record_id) > coalesce((
    select max(d.revision) from raw.deliveries as d
    where d.feed = 'desk_records' and d.delivered_on = r.as_of
), 0)
order by r.as_of
"""
RECORDS = """
select record_id, kind, customer_id, list_code, outcome
from decisions.desk_records
where kind in ('call', 'no') and as_of = %s and record_id <= %s
order by record_id
"""


def hand_in(settings: Settings) -> int:
    """Write what was not handed in yet to the landing folder; returns how many files."""
    with warehouse.connect(settings, "loader") as connection:
        written = [
            _write(settings, night, revision, records)
            for night, revision, records in _new(connection)
        ]
    return sum(written)


def _new(connection: psycopg.Connection) -> Iterator[tuple[date, int, list[Record]]]:
    for night, revision in connection.execute(NIGHTS).fetchall():
        yield night, revision, connection.execute(RECORDS, [night, revision]).fetchall()


def _write(settings: Settings, night: date, revision: int, records: list[Record]) -> bool:
    """The manifest first, so that the file is whole from its first moment; False if it is there."""
    folder = make_folder(settings.landing / SYSTEM / night.isoformat())
    path = folder / f"{TABLE}.r{revision}.csv"
    if path.exists():
        return False
    happened_at = _morning_after(night, settings.company_timezone).isoformat()
    for file, text in (
        (manifest_of(path), json.dumps({"rows": len(records)})),
        (path, _csv(records, happened_at)),
    ):
        temporary = file.with_name(f".{file.name}.tmp")
        with open_text(temporary) as stream:
            stream.write(text)
        sync(temporary)
        temporary.replace(file)
    sync(folder)
    return True


def _morning_after(night: date, timezone: str) -> datetime:
    return datetime.combine(night + timedelta(days=1), time(), ZoneInfo(timezone))


def _csv(records: list[Record], happened_at: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((*record, happened_at) for record in records)
    return text.getvalue()
