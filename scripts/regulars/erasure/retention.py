"""What is kept for how long: swept by the night, by business dates. Nothing that a rebuild needs
goes: deliveries in raw, the ledger and the decision log stay."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from regulars.erasure.state_files import entries_of
from regulars.erasure.stored_feeds import stored_feeds
from regulars.feeds import declarations
from regulars.feeds.model import Feed
from regulars.lists.quarantined_terms import record_terms
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
            swept |= sweep_list_files(settings, last["list_files"])
        if "quarantine" in last:
            swept["raw_texts_swept"] = _quarantine(connection, settings, last["quarantine"])
        if "landing" in last:
            swept["landing_files_swept"] = _landing(connection, settings, last["landing"])
    return swept


def _generations(connection: psycopg.Connection, settings: Settings, last: date) -> int:
    """Folders of nights before `last`, never the live one."""
    rows = connection.execute(
        "select generation from decisions.publications"
        " where as_of < %s and generation < (select generation from published.live_generation)",
        [last],
    )
    folders = [settings.generations / str(generation) for (generation,) in rows]
    expired = [folder for folder in folders if folder.is_dir()]
    for folder in expired:
        shutil.rmtree(folder)
    return len(expired)


def sweep_list_files(settings: Settings, last: date) -> dict[str, int]:
    """Files of lists whose every row was valid until a day before `last`, those for targets
    included; the manifest stays. What cannot be read or deleted is counted, and tried again."""
    swept = left = 0
    for manifest in sorted(settings.generations.glob("*/lists/manifest.json")):
        try:
            said = json.loads(manifest.read_text(encoding="utf-8"))
            night, lists = date.fromisoformat(said["as_of"]), list(said["lists"])
        except (OSError, ValueError, LookupError, TypeError):
            left += 1
            continue
        for list_entry in lists:
            gone, kept = _files_of(manifest.parent, list_entry, night, last)
            swept, left = swept + gone, left + kept
    return {"list_files_swept": swept} | ({"list_files_left": left} if left else {})


def _files_of(folder: Path, entry: dict[str, Any], night: date, last: date) -> tuple[int, int]:
    """(how many are gone, how many are left that should be). The list's own file goes last: it
    says until when the others are good for; where nobody is in it, the night does."""
    try:
        own, *others = [folder / file["name"] for file in entries_of(entry)]
        until = _valid_until(own) or night.isoformat()
    except (OSError, ValueError, LookupError, TypeError, csv.Error):
        return 0, 1
    if until >= last.isoformat():
        return 0, 0
    there = [file for file in (*others, own) if file.is_file()]
    left = 0
    for file in there:
        left += bool(left and file == own) or not _is_gone(file)
    return len(there) - left, left


def _is_gone(file: Path) -> bool:
    try:
        file.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _valid_until(file: Path) -> str | None:
    """The last day that a list's file is good for; None where it is gone, or nobody is in it."""
    if not file.is_file():
        return None
    with file.open(encoding="utf-8", newline="") as stream:
        return max((row["valid_until"] for row in csv.DictReader(stream)), default=None)


# Of a line that forbids a contact, what stands in it gives way to keyed hashes: whom it may mean
# is still held, and nobody reads it there.
KEYED = """
    with clues as (
        select distinct c.delivery_id, c.line, c.kind, c.keyed_hash
        from pii.quarantined_clues as c
        inner join raw.quarantine as q on c.delivery_id = q.delivery_id and c.line = q.line
        where q.raw_text is null and c.kind <> 'keyed'
    ),
    gone as (
        delete from pii.quarantined_terms as t
        using (select distinct delivery_id, line from clues) as c
        where t.delivery_id = c.delivery_id and t.line = c.line and t.kind <> 'keyed'
    )
    insert into pii.quarantined_terms (delivery_id, line, kind, term)
    select distinct delivery_id, line, 'keyed', keyed_hash from clues
    on conflict do nothing
"""


def _quarantine(connection: psycopg.Connection, settings: Settings, last: date) -> int:
    """The raw text of refused lines. Whom one may mean is still held: by its words, or their
    hashes; those of a line that came since the night looked are kept first."""
    feeds = declarations.load(settings.dbt_project, settings.systems)
    record_terms(connection, feeds)
    swept = _raw_texts(connection, last)
    if swept:
        _words_that_are_no_ids(connection, stored_feeds(connection, settings))
    built = connection.execute("select to_regclass('pii.quarantined_clues')").fetchone()
    if built and built[0]:  # else the next night's sweep finds them built
        connection.execute(KEYED)
    return swept


def _raw_texts(connection: psycopg.Connection, last: date) -> int:
    """How many; the table `swept` says of which lines."""
    connection.execute(
        "create temporary table swept (delivery_id bigint, line bigint, feed text) on commit drop"
    )
    return connection.execute(
        """
        with gone as (
            update raw.quarantine as q
            set raw_text = null
            from raw.deliveries as d
            where q.delivery_id = d.delivery_id and d.delivered_on < %s and q.raw_text is not null
            returning q.delivery_id, q.line, q.feed
        )
        insert into swept select * from gone
        """,
        [last],
    ).rowcount


def _words_that_are_no_ids(connection: psycopg.Connection, feeds: Iterable[Feed]) -> None:
    """Of lines that forbid nothing: whom one may be about is known by ids alone."""
    words = connection.execute(
        """
        create temporary table words on commit drop as
        select t.delivery_id, t.line, t.kind, t.term, lower(t.term) as word
        from pii.quarantined_terms as t
        inner join swept as s on t.delivery_id = s.delivery_id and t.line = s.line
        where t.kind in ('cell', 'email', 'phone') and s.feed <> all(%s)
        """,
        [[feed.table for feed in feeds if feed.delivery.forbids]],
    ).rowcount
    if not words:
        return
    for feed in feeds:
        for column in feed.columns:
            is_id = column.is_customer or column.name in feed.delivery.key
            if is_id and column.kind == "text" and not column.personal:
                query = sql.SQL(
                    "delete from words where kind = 'cell' and word in (select lower({}) from {})"
                )
                name, table = sql.Identifier(column.name), sql.Identifier("raw", feed.table)
                connection.execute(query.format(name, table))
    connection.execute(
        """
        delete from pii.quarantined_terms as t using words as w
        where t.delivery_id = w.delivery_id and t.line = w.line
            and t.kind = w.kind and t.term = w.term
        """
    )


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
    expired = [file for file in files if file.is_file()]
    for file in expired:
        file.unlink()
        file.with_name(f"{file.name}.manifest.json").unlink(missing_ok=True)
    return len(expired)
