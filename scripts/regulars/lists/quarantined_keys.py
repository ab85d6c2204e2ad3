"""The key and the version of a row that could not be read: of which row a later one is the
correction, and which of the two counts.

They are read by the columns' names, or places: an equal cell elsewhere, a quantity for a line's
number, is no key.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from regulars.feeds.model import Column, Feed
from regulars.feeds.spellings import Spelling

BETWEEN_KEYS = ","  # as dbt writes the keys of delivered rows
ANY_DELIMITER = re.compile(r"[,;|\t]")


def key_of(feed: Feed, columns: Sequence[str] | None, text: str) -> str | None:
    """The declared key less its version, as far as a line says it; None without all of it.

    columns: the declared columns in the file's order; None where that is as declared, empty where
    nobody knows it
    """
    parts = [name for name in feed.delivery.key if name != feed.delivery.version]
    cells = _cells_by_name(feed, columns, text, parts)
    values = [_written(feed.column(name), cells.get(name, "")) for name in parts]
    return BETWEEN_KEYS.join(values) if values and all(values) else None


def version_of(
    feed: Feed, columns: Sequence[str] | None, text: str, delivered_on: date
) -> str | None:
    """The declared version as ISO 8601 (an instant in UTC) or a whole number; None where it cannot
    be read, or lies so late that no row could have it: it would outrank every correction."""
    name = feed.delivery.version
    if name is None:
        return None
    column = feed.column(name)
    cell = _cells_by_name(feed, columns, text, [name]).get(name, "").strip()
    if column.kind in ("integer", "bigint"):
        return _written(column, cell) or None
    said = _moment(feed, column, cell)
    is_too_late = said and said.date() > delivered_on + timedelta(days=1)
    if said is None or (is_too_late and not column.is_future_allowed):
        return None
    return said.isoformat() if column.kind != "date" else said.date().isoformat()


def _moment(feed: Feed, column: Column, cell: str) -> datetime | None:
    """A day is its midnight; a local time without a declared zone is no instant."""
    iso = Spelling(column.kind, column.formats).iso(cell) if column.formats else cell
    try:
        said = datetime.fromisoformat(iso)
    except ValueError:
        return None
    if column.kind != "timestamptz":
        return said
    if said.tzinfo is None:
        return (
            said.replace(tzinfo=ZoneInfo(feed.timezone)).astimezone(UTC) if feed.timezone else None
        )
    return said.astimezone(UTC)


def _cells_by_name(
    feed: Feed, columns: Sequence[str] | None, text: str, wanted: Sequence[str]
) -> Mapping[str, str]:
    if feed.delivery.format != "csv":
        return _members(feed, text)
    declared = [column.name for column in feed.columns]
    return _named_cells(feed, declared if columns is None else columns, text, wanted)


def _named_cells(
    feed: Feed, columns: Sequence[str], text: str, key: Sequence[str]
) -> Mapping[str, str]:
    """Of a line with too many or too few fields only a key in front stands where it should."""
    if not columns:
        return {}
    cells = _cells(feed, text, len(columns))
    is_in_front = set(columns[: len(key)]) == set(key)
    if len(cells) != len(columns) and not is_in_front:
        return {}
    return dict(zip(columns, cells, strict=False))


def _cells(feed: Feed, text: str, width: int) -> list[str]:
    """The fields of a line; by any delimiter if the declared one does not give as many."""
    try:
        rows = list(csv.reader([text], delimiter=feed.delivery.delimiter, strict=True))
    except csv.Error:
        rows = []
    cells = rows[0] if rows else text.replace('"', "").split(feed.delivery.delimiter)
    if len(cells) != width:
        others = ANY_DELIMITER.split(text.replace('"', ""))
        cells = others if len(others) == width else cells
    return cells


def _members(feed: Feed, text: str) -> Mapping[str, str]:
    try:
        values = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(values, dict):
        return {}
    named = {column.header: column.name for column in feed.columns}
    return {named[name]: str(v) for name, v in values.items() if name in named and v is not None}


def _written(column: Column, cell: str) -> str:
    """A cell as the engine would write its value: numbers may come with zeros before them."""
    cell = cell.strip()
    if column.kind not in ("integer", "bigint"):
        return cell
    return str(int(cell)) if cell.isascii() and cell.isdigit() else ""
