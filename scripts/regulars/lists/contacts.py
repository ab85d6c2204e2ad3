"""E-mail addresses and phone numbers in one form each, for matching and for files; and the terms of
lines that could not be read, among which addresses are.

The original stays as it was delivered; the normal form is null where it cannot be used. Only rows
of deliveries that were not read before are looked at, and of these only what is not known yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import psycopg
from psycopg import sql

from regulars import failpoints
from regulars.feeds import declarations, pseudonyms
from regulars.feeds.model import Feed
from regulars.lists.normal_forms import normal_form, said_forms
from regulars.lists.quarantined_terms import record_terms
from regulars.lists.read_deliveries import note_read, unread
from regulars.lists.reading_rules import forget_what_other_rules_read
from regulars.settings import Settings
from regulars.warehouse import WarehouseError, connect, refusal

BATCH = 5_000
AS_SAID = "said"  # in the place of a country
AN_EMAIL_FOR_AN_ID = ("%@%", "%\uff20%", "%\ufe6b%", r"%\%40%")  # wide, small, as in a link
A_NUMBER_FOR_AN_ID = (
    *(
        f"{before}{sign}%"
        for before in ("", " ", "'")
        for sign in ("+", "\uff0b", "0", "\uff10", "(")
    ),
    *(mark.join(("___", "___", "____")) for mark in "-. "),  # as in North America
)


_Row = tuple[str, str, str, str | None]  # of pii.normal_forms


class _Source(NamedTuple):
    """A column of raw with addresses: only what is like one of `patterns` is looked at.

    country: a column of the same table. is_said: who wrote it may mean somebody by it and say no;
    its forms stand under the country AS_SAID.
    """

    table: str
    column: str
    kind: str
    country: str | None = None
    patterns: tuple[str, ...] = ("%",)
    is_said: bool = False

    @property
    def place(self) -> str:
        """What is read, and how."""
        return " ".join(map(str, self))

    def rows(self, original: str, country: str) -> Iterator[_Row]:
        """One; of several addresses in what was said, as many."""
        normals: list[str | None]
        if self.is_said:
            normals = [*said_forms(self.kind, original)] or [None]
        else:
            normals = [normal_form(self.kind, original, country)]
        return ((self.kind, original, country, normal) for normal in normals)


def normalise_contacts(settings: Settings) -> dict[str, int]:
    """Add the normal form of every new e-mail address and phone number in raw, and the terms of
    every new line in quarantine.

    Memory does not grow with the number of customers. One transaction: a killed run leaves
    nothing half done. Returns how many of each kind were looked at and how many cannot be used;
    what one that says no may mean is counted nowhere.
    """
    counts = {"emails": 0, "phones": 0, "unusable": 0}
    feeds = declarations.load(settings.dbt_project, settings.systems)
    try:
        with connect(settings, "transformer") as connection:
            forget_what_other_rules_read(connection, feeds)
            for source in _sources(feeds):
                deliveries = unread(connection, source.place, source.table)
                for batch in _new_originals(connection, source, deliveries):
                    rows = [row for written in batch for row in source.rows(*written)]
                    _insert(connection, rows)
                    if not source.is_said:
                        counts[f"{source.kind}s"] += len(rows)
                        counts["unusable"] += sum(row[3] is None for row in rows)
                note_read(connection, source.place, deliveries)
            if any(feed.has_pseudonyms for feed in feeds if feed.delivery.forbids):
                _add_pseudonyms(connection)
            if counts["emails"] or counts["phones"]:
                # A planner that knows nothing of them compares each with all others.
                connection.execute("analyze pii.normal_forms")
            counts["quarantined_lines"] = record_terms(connection, feeds)
            failpoints.hit("contacts:before_commit")
            connection.commit()
    except psycopg.Error as error:
        # The server's message could quote an address.
        raise WarehouseError(f"Contact forms were not written: {refusal(error)}.") from None
    failpoints.hit("contacts:after_commit")
    return counts


def _sources(feeds: Iterable[Feed]) -> Iterator[_Source]:
    """Every declared e-mail or phone column, and the ids in feeds that may forbid a contact: an
    address can stand where an id should.

    E-mail addresses know no country; a phone number is read with the feed's `country` column.
    """
    for feed in feeds:
        if feed.delivery.forbids:
            yield from _said(feed)
        has_country = any(column.name == "country" for column in feed.columns)
        for column in feed.columns:
            if column.personal == "email":
                yield _Source(feed.table, column.name, "email")
            elif column.personal == "phone":
                country = "country" if has_country else None
                yield _Source(feed.table, column.name, "phone", country)


def _said(feed: Feed) -> Iterator[_Source]:
    for column in feed.customer_columns:
        of_ids = (("email", AN_EMAIL_FOR_AN_ID), ("phone", A_NUMBER_FOR_AN_ID))
        for kind, patterns in of_ids:
            yield _Source(feed.table, column.name, kind, patterns=patterns, is_said=True)
    for column in feed.address_columns:
        yield _Source(feed.table, column.name, str(column.personal), is_said=True)


def _new_originals(
    connection: psycopg.Connection, source: _Source, deliveries: Sequence[int]
) -> Iterator[list[tuple[str, str]]]:
    """Batches of (original, country) in rows of these deliveries that have no row in
    pii.normal_forms yet."""
    if not deliveries:
        return
    country = sql.Identifier(source.country) if source.country else None
    nowhere = AS_SAID if source.is_said else ""
    query = sql.SQL(
        """
        select distinct d.original, d.country
        from (
            select {column} as original, {country} as country
            from raw.{table}
            where _delivery_id = any({deliveries})
        ) as d
        where d.original is not null and d.original like any({patterns}) and not exists (
            select 1 from pii.normal_forms as n
            where n.kind = {kind} and n.original = d.original and n.country = d.country
        )
        """
    ).format(
        column=sql.Identifier(source.column),
        country=sql.SQL("coalesce({}, '')").format(country) if country else sql.Literal(nowhere),
        table=sql.Identifier(source.table),
        deliveries=sql.Literal(list(deliveries)),
        kind=sql.Literal(source.kind),
        patterns=sql.Literal(list(source.patterns)),
    )
    with connection.cursor(name="new_originals") as cursor:
        cursor.itersize = BATCH
        cursor.execute(query)
        while batch := cursor.fetchmany(BATCH):
            yield batch


def _add_pseudonyms(connection: psycopg.Connection) -> None:
    """A no under an id that is an address may name one that its owner has beside that id."""
    connection.execute(
        sql.SQL(
            """
            insert into pii.normal_forms (kind, original, country, normal)
            select forms.kind, forms.original, {said}, forms.normal
            from (
                select distinct kind, {pseudonym} as original, normal
                from pii.normal_forms
                where normal is not null and country <> {said}
            ) as forms
            where not exists (
                select 1 from pii.normal_forms as known
                where known.kind = forms.kind and known.original = forms.original
                    and known.country = {said}
            )
            """
        ).format(
            said=sql.Literal(AS_SAID),
            pseudonym=sql.SQL(pseudonyms.in_sql("normal")),  # type: ignore[arg-type]
        )
    )


def _insert(connection: psycopg.Connection, rows: Iterable[_Row]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy("copy pii.normal_forms (kind, original, country, normal) from stdin") as copy,
    ):
        for row in rows:
            copy.write_row(row)
