"""Whose a delivered record is: by the columns that say it, as the tables are cleaned; by its words
where they cannot be read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping

from regulars.erasure.person import Person
from regulars.feeds import pseudonyms
from regulars.feeds.model import Column, Feed

Judge = Callable[[str], bool]  # whether a record is somebody's
Fields = Mapping[str, str | None]  # header -> value


def judge_of(feed: Feed | None, header: str, person: Person) -> Judge:
    """For the records of a text file. header: its first line."""
    if feed is not None and feed.delivery.format == "jsonl":
        return lambda record: is_theirs(feed, _fields_of_json(record), record, person)
    if feed is None:
        return person.is_named_in
    line = header.removeprefix("\ufeff").rstrip("\r\n")
    names = next(csv.reader([line], delimiter=feed.delivery.delimiter), [])
    return lambda record: is_theirs(feed, _fields(feed, names, record), record, person)


def is_theirs(feed: Feed | None, fields: Fields | None, text: str, person: Person) -> bool:
    """fields: None where they cannot be read. text: the record, or its values side by side."""
    if feed is None or fields is None or not (feed.customer_columns or feed.address_columns):
        return person.is_named_in(text)
    values = {
        column.name: _value(feed, column, fields.get(column.header), person)
        for column in feed.columns
    }
    owners = [values[column.name] for column in feed.customer_columns]
    if any(owner in person.ids for owner in owners):
        return True
    addresses = {word.lower() for word in person.addresses}
    if feed.delivery.forbids and any((owner or "").lower() in addresses for owner in owners):
        return True
    if any(owner is not None and owner not in person.strangers for owner in owners):
        return False
    if _is_theirs_of_nobody(feed, values, person):
        return True
    says_whose = feed.customer_columns or feed.address_columns
    is_told = all(column.header in fields for column in says_whose)
    return not is_told and person.is_named_in(text)


def _is_theirs_of_nobody(feed: Feed, values: Fields, person: Person) -> bool:
    """A record that names no customer, or one that nobody is: theirs by an address, or by the key
    of a row of theirs."""
    addresses = {word.lower() for word in person.addresses}
    if any((values[column.name] or "").lower() in addresses for column in feed.address_columns):
        return True
    return bool(feed.customer_columns) and any(
        values.get(name) in keys for name, keys in person.linked.items()
    )


def _value(feed: Feed, column: Column, value: str | None, person: Person) -> str | None:
    """As it was loaded: None where a null marker of the feed stands, an id by its pseudonym."""
    if value is None or value in feed.delivery.nulls:
        return None
    return pseudonyms.of(person.key, value) if column.is_pseudonymised else value


def _fields(feed: Feed, names: list[str], record: str) -> Fields | None:
    """None where the record is not what the header says."""
    try:
        rows = list(csv.reader(io.StringIO(record), delimiter=feed.delivery.delimiter, strict=True))
    except csv.Error:
        return None
    if len(rows) != 1 or len(rows[0]) != len(names):
        return None
    return dict(zip(names, rows[0], strict=True))


def _fields_of_json(record: str) -> Fields | None:
    try:
        document = json.loads(record, parse_float=str, parse_int=str)  # as it was loaded
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    return {name: None if value is None else str(value) for name, value in document.items()}
