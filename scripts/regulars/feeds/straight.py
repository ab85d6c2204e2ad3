"""The short way into raw, for a large CSV file: lines that are plainly sound go straight into the
table by COPY, and only the others are parsed and checked.

It takes accepted deliveries alone: whatever is unusual about a file sends all of it the long way,
which decides and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import psycopg

from regulars.feeds.copy_text import CopyText
from regulars.feeds.delivery_stages import Identified, Parsed
from regulars.feeds.discover import Arrival
from regulars.feeds.erased_ids import erased_ids
from regulars.feeds.model import Column, Feed
from regulars.feeds.parse_csv import CsvParser
from regulars.feeds.plain_lines import plain_lines
from regulars.feeds.text_lines import LineBlock

LEAST_BYTES = 2**22  # below, to load what sifts lines costs more than it spares
MOST_OTHERS = 2**24  # characters kept of lines for the checks


class LongWay(Exception):
    """This delivery has to be parsed and checked as a whole."""


@dataclass(frozen=True)
class Straight:
    """Rows that are in raw under this id, and the other lines, as COPY text for `arriving`."""

    parsed: Parsed
    delivery_id: int
    rows: int
    others: str


def is_open(arrival: Arrival) -> bool:
    """Whether a file may try the short way, alone: not where ids are loaded under pseudonyms."""
    delivery = arrival.feed.delivery
    is_of_lines = delivery.format == "csv" and not delivery.multiline
    is_as_it_stands = is_of_lines and not arrival.feed.has_pseudonyms
    return is_as_it_stands and arrival.size >= LEAST_BYTES


def copy(
    connection: psycopg.Connection, feed: Feed, delivery: Identified, delivery_id: int
) -> Straight:
    """Send what is plainly sound into raw.<table>. Raises LongWay, FileRefused, OSError, or the
    engine's error for a value: then the transaction is to be rolled back to before."""
    from regulars.feeds.sieve import Sieve  # loads arrow

    parser = CsvParser(feed, delivery.arrival.file, delivery.ordinal)
    blocks = parser.blocks()
    first = next(blocks)
    columns = parser.columns
    plain_ones = columns and plain_lines(feed, columns, delivery.arrival.delivered_on)
    if not (columns and plain_ones):
        raise LongWay
    erased = erased_ids(connection)
    if erased and feed.delivery.forbids:  # an id there may be an address, or one nobody has
        raise LongWay
    sieve = Sieve(plain_ones, feed.delivery, delivery_id, delivery.arrival.delivered_on, erased)
    others: list[str] = []
    size = size_of_others = 0
    with connection.cursor() as cursor:
        with cursor.copy(_copy_statement(feed, columns)) as stream:  # type: ignore[arg-type]
            for block in chain([first], blocks):
                assert isinstance(block, LineBlock), "none of its records spans lines"
                sifted = sieve.sift(block)
                rest = parser.copy_others(block, sifted.others, sifted.rows)
                size += len(sifted.plain)
                size_of_others += len(rest)
                if size_of_others > min(size, MOST_OTHERS):
                    raise LongWay
                others.append(rest)
                stream.write(sifted.plain)
        rows = cursor.rowcount
    return Straight(Parsed(delivery, parser), delivery_id, rows, "".join(others))


def _copy_statement(feed: Feed, columns: list[Column]) -> str:
    text = CopyText.of(feed)
    names = "".join(f', "{column.name}"' for column in columns)
    delimiter = text.delimiter.replace("'", "''").replace("\t", "\\t")
    return (
        f'copy raw."{feed.table}" (_delivery_id, _line, _delivered_on{names}) from stdin'
        f" (format text, delimiter E'{delimiter}', null '{text.null}', encoding 'utf8')"
    )
