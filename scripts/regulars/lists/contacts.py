"""E-mail addresses and phone numbers in one form each, for matching and for files.

The original stays as it was delivered; the normal form is null where it cannot be used. Only
what is not known yet is looked at, so a quiet night costs one query a column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import email_validator
import phonenumbers
import psycopg
from psycopg import sql

from regulars import failpoints
from regulars.feeds import declarations
from regulars.settings import Settings
from regulars.warehouse import WarehouseError, connect

BATCH = 5_000
LONGEST_EMAIL = 320  # octets of an address by RFC 3696; longer cannot be one
LONGEST_PHONE = 40
# Addresses as nearly everybody has them. One so short keeps within the 254 octets that are allowed,
# whatever its domain is written out to.
PLAIN_EMAIL = re.compile(r"(?=.{3,64}\Z)([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@([A-Za-z0-9.-]+)")


def normalise_contacts(settings: Settings) -> dict[str, int]:
    """Add the normal form of every new e-mail address and phone number in raw.

    Memory does not grow with the number of customers. One transaction: a killed run leaves
    nothing half done. Returns how many of each kind were looked at and how many cannot be used.
    """
    counts = {"emails": 0, "phones": 0, "unusable": 0}
    try:
        with connect(settings, "transformer") as connection:
            for table, column, kind, country in _columns(settings):
                for batch in _new_originals(connection, table, column, kind, country):
                    rows = [(kind, o, c, normal_form(kind, o, c)) for o, c in batch]
                    _insert(connection, rows)
                    counts[f"{kind}s"] += len(rows)
                    counts["unusable"] += sum(row[3] is None for row in rows)
            failpoints.hit("contacts:before_commit")
            connection.commit()
    except psycopg.Error as error:
        # The server's message could quote an address.
        raise WarehouseError(
            f"Contact forms were not written: SQLSTATE {error.sqlstate}."
        ) from None
    failpoints.hit("contacts:after_commit")
    return counts


def normal_form(kind: str, original: str, country: str) -> str | None:
    """The form that two spellings of one address share, or None if it cannot be used."""
    return normal_email(original) if kind == "email" else normal_phone(original, country)


def normal_email(original: str) -> str | None:
    """Lower case, Unicode NFC, domain checked for form only (no look-up)."""
    text = original.strip()
    if not text or len(text) > LONGEST_EMAIL:
        return None
    if plain := PLAIN_EMAIL.fullmatch(text):
        domain = _normal_domain(plain[2])
        return domain and f"{plain[1].lower()}@{domain}"
    return _validated(text)


@lru_cache(maxsize=10_000)
def _normal_domain(domain: str) -> str | None:
    """The domain as an address there has it: a company's customers share few of them."""
    address = _validated(f"a@{domain}")
    return address and address.removeprefix("a@")


def _validated(text: str) -> str | None:
    try:
        found = email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError:
        return None
    return found.normalized.lower()


def normal_phone(original: str, country: str) -> str | None:
    """E.164, e.g. +31612345678. A national number needs its country (ISO 3166, two letters)."""
    text = original.strip()
    if not text or len(text) > LONGEST_PHONE:
        return None
    try:
        number = phonenumbers.parse(text, country.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _columns(settings: Settings) -> Iterator[tuple[str, str, str, str | None]]:
    """(raw table, column, kind, country column) of every declared e-mail or phone column.

    E-mail addresses know no country; a phone number is read with the feed's `country` column.
    """
    for feed in declarations.load(settings.dbt_project, settings.systems):
        has_country = any(column.name == "country" for column in feed.columns)
        for column in feed.columns:
            if column.personal == "email":
                yield feed.table, column.name, "email", None
            elif column.personal == "phone":
                yield feed.table, column.name, "phone", "country" if has_country else None


def _new_originals(
    connection: psycopg.Connection, table: str, column: str, kind: str, country: str | None
) -> Iterator[list[tuple[str, str]]]:
    """Batches of (original, country) that have no row in pii.normal_forms yet."""
    country_sql = sql.SQL("coalesce({}, '')").format(sql.Identifier(country)) if country else None
    query = sql.SQL(
        """
        select distinct d.original, d.country
        from (select {column} as original, {country} as country from raw.{table}) as d
        where d.original is not null and not exists (
            select 1 from pii.normal_forms as n
            where n.kind = {kind} and n.original = d.original and n.country = d.country
        )
        """
    ).format(
        column=sql.Identifier(column),
        country=country_sql or sql.SQL("''"),
        table=sql.Identifier(table),
        kind=sql.Literal(kind),
    )
    with connection.cursor(name="new_originals") as cursor:
        cursor.itersize = BATCH
        cursor.execute(query)
        while batch := cursor.fetchmany(BATCH):
            yield batch


def _insert(
    connection: psycopg.Connection, rows: Iterable[tuple[str, str, str, str | None]]
) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy("copy pii.normal_forms (kind, original, country, normal) from stdin") as copy,
    ):
        for row in rows:
            copy.write_row(row)
