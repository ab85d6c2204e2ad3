"""The temporary table that a batch is checked in, and the statements over it.

`arriving` holds every row as text; `faults` the number of the first fault of each bad row
(-1: the parser found it; -2: it is a row of somebody who was erased). Checks run once; sound rows
are cast straight into raw.<table>.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import psycopg

from regulars.feeds.copy_text import CopyText
from regulars.feeds.model import Feed
from regulars.feeds.shapes import END_OF_DAY, Checks, cell, given, typed

FUTURE_TOLERANCE = timedelta(days=1)  # somewhere it is tomorrow already
PARSER_FOUND_IT = -1
ERASED = -2
# What a word in a line that could not be parsed is set apart by.
SEPARATORS = r"""[\s,;|"'{}\[\]:]+"""
# The one e-mail address in a cell that holds more, as in `Jan <JAN@x.org>`.
_WITHOUT = r"""[^\s<>"(),;:\[\]?&=/|@\u201a\u201c-\u201f\u00ab\u00bb\u2039\u203a]+"""
EMAIL_WITHIN = f"{_WITHOUT}@{_WITHOUT}"
QUOTES = ".!`*\u2018\u2019''"  # as SQL writes them

# Of a row of `named`, as an erasure has left it.
KEYED = """encode(sha256(
    (select key from decisions.suppression_key)
    || convert_to(named.kind || '|' || named.identifier, 'UTF8')
), 'hex')"""
# What stands in lines that could not be parsed.
UNPARSED = """
    (
        select t._ordinal, t._line, k.kind, lower(w.identifier) as identifier
        from arriving as t
        cross join regexp_split_to_table(t._raw, %(separators)s) as w (identifier)
        cross join (values ('id'), ('email'), ('phone')) as k (kind)
        where t._rule is not null
        union
        select t._ordinal, t._line, 'id', w.identifier
        from arriving as t
        cross join regexp_split_to_table(t._raw, %(separators)s) as w (identifier)
        where t._rule is not null
    )
"""
ERASED_AMONG = f"""
    insert into erased
    select distinct named._ordinal, named._line
    from ({{named}}) as named
    inner join decisions.suppressions as s
        on s.kind = named.kind and s.keyed_hash = {KEYED}
"""


def create(connection: psycopg.Connection, feed: Feed) -> None:
    """Make the tables; they go with the transaction."""
    columns = "".join(f', "{column.name}" text' for column in feed.columns)
    _run(
        connection,
        "create temporary table arriving"
        f" (_ordinal integer, _line integer, _rule text, _raw text{columns}) on commit drop",
    )
    _run(
        connection,
        "create temporary table faults (_ordinal integer, _line integer, fault integer)"
        " on commit drop",
    )
    connection.execute("select set_config('timezone', %s, true)", [feed.timezone or "UTC"])


def copy_statement(feed: Feed) -> str:
    """COPY of parsed rows into `arriving`."""
    text = CopyText.of(feed)
    columns = "".join(f', "{column.name}"' for column in feed.columns)
    delimiter = text.delimiter.replace("'", "''").replace("\t", "\\t")
    return (
        f"copy arriving (_ordinal, _line, _rule, _raw{columns}) from stdin"
        f" (format text, delimiter E'{delimiter}', null '{text.null}', encoding 'utf8')"
    )


def find_erased(connection: psycopg.Connection, feed: Feed) -> None:
    """Fill `erased` with the rows of people who were erased: by the columns that say whose row it
    is; by its address where it names no customer, or one that nobody is, or where a no has it in an
    id's place, unless somebody else has that address since; in a line that could not be parsed, by
    any id or address that stands in it."""
    _run(
        connection,
        "create temporary table erased (_ordinal integer, _line integer) on commit drop",
    )
    known = connection.execute("select exists (select 1 from decisions.suppressions)").fetchone()
    if not known or not known[0]:
        return
    identifiers = [
        f"select _ordinal, _line, 'id' as kind, {cell(feed, column)} as identifier"
        " from arriving as t where _rule is null"
        for column in feed.customer_columns
    ]
    identifiers += list(_addresses_alone(feed))
    named = " union all ".join([*map(_percent, identifiers), UNPARSED])
    connection.execute(
        ERASED_AMONG.format(named=named),  # type: ignore[arg-type]
        {"separators": SEPARATORS},
    )
    if feed.id_places:
        _find_under_ids_of_nobody(connection, feed)


def _find_under_ids_of_nobody(connection: psycopg.Connection, feed: Feed) -> None:
    """Who has an id is asked of the few rows alone that an erased address stands in."""
    owner = cell(feed, feed.customer_columns[0])
    known = " union all ".join(
        f'select 1 from raw."{table}" as places where places."{column}"::text = named.owner'
        for table, column in feed.id_places
    )
    addresses = " union all ".join(
        _known_as_nobodys(
            str(column.personal), plain, f" and {owner} is not null", f", {owner} as owner"
        )
        for column in feed.address_columns
        for plain in _plain_forms(str(column.personal), cell(feed, column))
    )
    _run(
        connection,
        f"""
        with named as materialized (
            select distinct named._ordinal, named._line, named.owner
            from ({addresses}) as named
            inner join decisions.suppressions as s
                on s.kind = named.kind and s.keyed_hash = {KEYED}
        )
        insert into erased
        select distinct _ordinal, _line from named
        where not exists ({known}) and not exists (
            select 1 from erased
            where erased._ordinal = named._ordinal and erased._line = named._line
        )
        """,
    )


def _addresses_alone(feed: Feed) -> Iterator[str]:
    """An erasure has left no form of a person's addresses: what is known again is another's."""
    is_nobodys = "".join(f" and {cell(feed, owner)} is null" for owner in feed.customer_columns)
    for column in feed.address_columns:
        for plain in _plain_forms(str(column.personal), cell(feed, column)):
            yield _known_as_nobodys(str(column.personal), plain, is_nobodys)
    for owner in feed.customer_columns if feed.delivery.forbids else ():
        for kind, mark in (("email", "@"), ("phone", "[+]")):  # most ids are spared the rest
            value = given(feed, owner)
            for plain in _plain_forms(kind, value):
                yield _known_as_nobodys(kind, plain, f" and {value} ~ '{mark}'")


def _plain_forms(kind: str, value: str) -> Iterator[str]:
    """SQL: an address in the normal form that an erasure has suppressed it in."""
    if kind == "phone":
        yield f"regexp_replace({value}, '[^0-9+]', '', 'g')"
        return
    yield f"lower(trim({value}))"
    within = f"trim(both '{QUOTES}' from substring(lower({value}) from '{EMAIL_WITHIN}'))"
    yield f"case when {value} !~ '@.*@' then {within} end"


def _known_as_nobodys(kind: str, plain: str, condition: str = "", further: str = "") -> str:
    return (
        f"select _ordinal, _line, '{kind}' as kind, {plain} as identifier{further}"
        f" from arriving as t where _rule is null{condition} and not exists ("
        f"select 1 from pii.normal_forms as f"
        f" where f.kind = '{kind}' and f.normal = {plain} and f.country <> 'said')"
    )


def find_faults(
    connection: psycopg.Connection, checks: Checks, days: Mapping[int, date]
) -> dict[int, dict[int, int]]:
    """Fill `faults`; returns ordinal -> {fault number: rows}. days: ordinal -> delivered_on."""
    latest = {
        ordinal: (day + FUTURE_TOLERANCE).isoformat() + END_OF_DAY for ordinal, day in days.items()
    }
    _run(
        connection,
        f"""
        insert into faults
        select _ordinal, _line, fault
        from (
            select
                t._ordinal,
                t._line,
                case
                    when e._line is not null then {ERASED}
                    when t._rule is not null then {PARSER_FOUND_IT}
                    else {_percent(checks.first_fault)}
                end as fault
            from arriving as t
            left join erased as e on t._ordinal = e._ordinal and t._line = e._line
            inner join unnest(%s::integer[], %s::text[]) as d (ordinal, latest_on)
                on t._ordinal = d.ordinal
        ) as checked
        where fault is not null
        """,
        [list(latest), list(latest.values())],
    )
    counts: dict[int, dict[int, int]] = {}
    for ordinal, fault, rows in connection.execute(
        "select _ordinal, fault, count(*) from faults group by 1, 2"
    ):
        counts.setdefault(ordinal, {})[fault] = rows
    return counts


def first_lines(connection: psycopg.Connection, ordinal: int) -> dict[int, int]:
    """The first line with each fault of a delivery, for its refusal."""
    rows = connection.execute(
        "select fault, min(_line) from faults where _ordinal = %s and fault <> %s group by fault",
        [ordinal, ERASED],
    )
    return dict(rows.fetchall())


def has_fault(connection: psycopg.Connection, ordinal: int, line: int) -> bool:
    """Whether this line of a delivery is a bad row."""
    row = connection.execute(
        "select exists (select 1 from faults where _ordinal = %s and _line = %s and fault <> %s)",
        [ordinal, line, ERASED],
    ).fetchone()
    return bool(row and row[0])


def insert_sound(
    connection: psycopg.Connection,
    feed: Feed,
    ids: Mapping[int, int],
    days: Mapping[int, date],
    has_faults: bool,
) -> int:
    """Cast the sound rows of accepted deliveries into raw.<table>; returns how many."""
    names = ", ".join(f'"{column.name}"' for column in feed.columns)
    values = ",\n".join(typed(feed, column) for column in feed.columns)
    if has_faults:
        connection.execute("analyze faults")
    anti = (
        "where not exists (select 1 from faults as f"
        " where f._ordinal = t._ordinal and f._line = t._line)"
    )
    return _run(
        connection,
        f"""
        insert into raw."{feed.table}" ({names}, _delivery_id, _line, _delivered_on)
        select {_percent(values)}, d.delivery_id, t._line, d.delivered_on
        from arriving as t
        inner join unnest(%s::integer[], %s::bigint[], %s::date[])
            as d (ordinal, delivery_id, delivered_on)
            on t._ordinal = d.ordinal
        {anti if has_faults else ""}
        """,
        [list(ids), list(ids.values()), [days[ordinal] for ordinal in ids]],
    ).rowcount


def keep_lines(connection: psycopg.Connection, lines: Mapping[int, Sequence[int]]) -> None:
    """Leave only these lines of each delivery in `arriving`, for a replay."""
    ordinals = [ordinal for ordinal, wanted in lines.items() for _ in wanted]
    numbers = [number for wanted in lines.values() for number in wanted]
    connection.execute(
        """
        delete from arriving as t
        where not exists (
            select 1
            from unnest(%s::integer[], %s::integer[]) as w (ordinal, line)
            where w.ordinal = t._ordinal and w.line = t._line
        )
        """,
        [ordinals, numbers],
    )


def sound_lines(connection: psycopg.Connection) -> dict[int, list[int]]:
    """ordinal -> the lines left in `arriving` that have no fault, in order."""
    rows = connection.execute(
        """
        select t._ordinal, array_agg(t._line order by t._line)
        from arriving as t
        where not exists (
            select 1 from faults as f
            where f._ordinal = t._ordinal and f._line = t._line
        )
        group by t._ordinal
        order by t._ordinal
        """
    )
    return dict(rows.fetchall())


def _run(
    connection: psycopg.Connection, statement: str, parameters: Sequence[object] | None = None
) -> psycopg.Cursor:
    """Statements here are put together from checked identifiers and literals."""
    return connection.execute(statement, parameters)  # type: ignore[arg-type]


def _percent(expression: str) -> str:
    """psycopg reads % as a parameter where there are parameters."""
    return expression.replace("%", "%%")
