"""Which parser reads a delivery."""

from __future__ import annotations

from pathlib import Path

from regulars.feeds.model import Feed
from regulars.feeds.parser import Parser


def open_parser(feed: Feed, file: Path, ordinal: int) -> Parser:
    """The parser for a feed's format. `ordinal` tells deliveries of a batch apart."""
    if feed.delivery.format == "csv":
        from regulars.feeds.parse_csv import CsvParser

        return CsvParser(feed, file, ordinal)
    if feed.delivery.format == "jsonl":
        from regulars.feeds.parse_jsonl import JsonLinesParser

        return JsonLinesParser(feed, file, ordinal)
    from regulars.feeds.parse_parquet import ParquetParser

    return ParquetParser(feed, file, ordinal)
