"""A feed to parse, and a file to parse it from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from regulars.feeds.model import Column, Delivery, Feed
from regulars.feeds.parsers_by_format import open_parser

COLUMNS = (
    Column("id", "id", "text", required=True),
    Column("amount", "amount", "numeric(14,2)"),
    Column("note", "note", "text"),
)


def make_feed(columns: tuple[Column, ...] = COLUMNS, **delivery: object) -> Feed:
    declared = Delivery(path="{delivered_on}/things{.revision}.csv", key=("id",))
    return Feed("shop", "things", "things", "sales", columns, replace(declared, **delivery))  # type: ignore[arg-type]


@pytest.fixture
def parse(tmp_path: Path) -> Callable:
    """parse(content, **delivery) -> (lines written for COPY, tally)."""

    def run(content: str | bytes, name: str = "things.csv", **delivery: object) -> tuple:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        parser = open_parser(make_feed(**delivery), file, 7)  # type: ignore[arg-type]
        lines = "".join(parser.copy_blocks()).split("\n")[:-1]
        return lines, parser.tally

    return run
