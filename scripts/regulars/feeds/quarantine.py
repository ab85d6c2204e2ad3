"""What happens to a bad row: raw.quarantine keeps it as it came, with the rule that it breaks.

Until the row itself is replayed or corrected it may mean whom it names (docs/feeds.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice

import psycopg

from regulars.feeds.delivery_stages import Checked
from regulars.feeds.model import Feed
from regulars.feeds.parser import PARSE_RULES
from regulars.feeds.shapes import Checks

AT_ONCE = 5_000


def keep_unreadable(
    connection: psycopg.Connection, feed: Feed, ids: Mapping[int, int], paths: Mapping[int, str]
) -> None:
    """What the parser found; its raw text came along."""
    connection.execute(
        """
        insert into raw.quarantine (delivery_id, feed, file, line, raw_text, rule, reason)
        select d.delivery_id, %s, d.path, t._line, t._raw, t._rule, r.reason
        from arriving as t
        inner join unnest(%s::integer[], %s::bigint[], %s::text[])
            as d (ordinal, delivery_id, path)
            on t._ordinal = d.ordinal
        inner join unnest(%s::text[], %s::text[]) as r (rule, reason) on t._rule = r.rule
        where t._rule is not null and not exists (
            select 1 from erased as e where e._ordinal = t._ordinal and e._line = t._line
        )
        """,
        [
            feed.table,
            list(ids),
            list(ids.values()),
            [paths[ordinal] for ordinal in ids],
            list(PARSE_RULES),
            list(PARSE_RULES.values()),
        ],
    )


def keep_bad_values(
    connection: psycopg.Connection,
    feed: Feed,
    rules: Checks,
    accepted: Sequence[Checked],
    ids: Mapping[int, int],
) -> None:
    """Bad values: the raw text is read again from the file, so that good rows need not carry it."""
    faults = _value_faults(connection, list(ids))
    rows = _rows(feed, rules, {c.ordinal: c for c in accepted}, ids, faults)
    while chunk := list(islice(rows, AT_ONCE)):
        with (
            connection.cursor() as cursor,
            cursor.copy(
                "copy raw.quarantine (delivery_id, feed, file, line, raw_text, rule, reason)"
                " from stdin"
            ) as copy,
        ):
            for row in chunk:
                copy.write_row(row)


def mark_replayed(connection: psycopg.Connection, lines: Mapping[int, Sequence[int]]) -> None:
    """Take lines out of quarantine. lines: delivery_id -> lines."""
    connection.execute(
        """
        update raw.quarantine as q
        set replayed_at = clock_timestamp()
        from unnest(%s::bigint[], %s::bigint[]) as w (delivery_id, line)
        where q.delivery_id = w.delivery_id and q.line = w.line
        """,
        [
            [delivery_id for delivery_id, mine in lines.items() for _ in mine],
            [line for mine in lines.values() for line in mine],
        ],
    )


def _rows(
    feed: Feed,
    rules: Checks,
    accepted: Mapping[int, Checked],
    ids: Mapping[int, int],
    faults: Iterator[tuple[int, int, int]],
) -> Iterator[tuple[object, ...]]:
    for ordinal, of_file in groupby(faults, key=lambda row: row[0]):
        checked = accepted[ordinal]
        numbered = {line: rules.faults[fault] for _, line, fault in of_file}
        texts = dict(checked.parsed.parser.raw_texts(sorted(numbered)))
        for line, fault in numbered.items():
            yield (
                ids[ordinal],
                feed.table,
                checked.arrival.path,
                line,
                texts[line],
                fault.rule,
                fault.reason,
            )


def _value_faults(
    connection: psycopg.Connection, ordinals: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    """(ordinal, line, fault) of bad values in accepted deliveries, a few at a time."""
    with connection.cursor(name="value_faults") as cursor:
        cursor.itersize = 5_000
        cursor.execute(
            "select _ordinal, _line, fault from faults"
            " where fault >= 0 and _ordinal = any(%s) order by _ordinal, _line",
            [list(ordinals)],
        )
        yield from cursor
