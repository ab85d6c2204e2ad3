"""An order whose every number is the largest that its feed declares: the night stops at the raw
gate, names the feed and how many rows, and says what to do; no step overflows without a word."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from regulars.feeds import declarations
from regulars.feeds.model import NUMERIC, Column, Feed
from regulars.gates.check import GateFailed
from regulars.nights.run import run_step
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.server import drop_database

# Costs half a minute: a company with its gate.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(0), pytest.mark.usefixtures("without_docs")]
ORDER, LARGEST_INTEGER = "MAX-1", 2**31 - 1
FEEDS = ("orders", "order_lines", "refunds")
ROWS = 9  # of each feed


def largest(column: Column) -> str | None:
    """The largest number that a column may hold; None for a column of no numbers."""
    if column.kind not in ("integer", "numeric"):
        return None
    if column.maximum is not None:
        return column.maximum
    if column.kind == "integer":
        return str(LARGEST_INTEGER)
    match = NUMERIC.fullmatch(column.data_type)
    assert match is not None
    digits, scale = int(match[1]), int(match[2])
    return str(Decimal(10**digits - 1).scaleb(-scale))


def add_largest(landing: Path, feed: Feed) -> int:
    """Rows like the last one of the feed's newest file, with the largest numbers. Returns how many
    numbers each has."""
    file = max(f for f in landing.glob(f"house/*/{feed.name}.csv") if f.read_text().count("\n") > 1)
    with file.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    numbers = {column.header: largest(column) for column in feed.columns}
    tonight = landing / "house" / LAST_NIGHT.isoformat() / f"{feed.name}.csv"
    with tonight.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        for number in range(1, ROWS + 1):
            row = dict(zip(header, rows[-1], strict=True))
            row |= {name: value for name, value in numbers.items() if value and name in row}
            row |= {key: f"{ORDER}-{number}" for key in ("order_id", "refund_id") if key in row}
            row |= {"line_no": "1"} if "line_no" in row else {}
            writer.writerow(row.values())
    return sum(name in header and bool(value) for name, value in numbers.items())


@pytest.fixture
def at_their_maximum(company_before: Settings, tmp_path: Path) -> Iterator[Settings]:
    shutil.copytree(company_before.landing, tmp_path / "landing")
    copy = clone(company_before, parsed.COPY, tmp_path / "home")
    settings = replace(copy, landing=tmp_path / "landing", settle_seconds=0)
    feeds = declarations.load(settings.dbt_project, settings.systems)
    numbers = [add_largest(settings.landing, f) for f in feeds if f.name in FEEDS]
    assert min(numbers) >= 1
    yield settings
    drop_database(settings)


def test_the_night_stops_at_the_raw_gate_and_says_which_feed_and_how_many_rows(
    at_their_maximum: Settings,
) -> None:
    loaded = run_step("ingest_sales", LAST_NIGHT, at_their_maximum)
    run_step("ingest_service", LAST_NIGHT, at_their_maximum)
    assert loaded["rows_quarantined"] == 0
    with pytest.raises(GateFailed) as stopped:
        run_step("gate_raw", LAST_NIGHT, at_their_maximum)
    said = str(stopped.value)
    for feed in ("orders", "order_lines"):  # of refunds too few are known to compare with
        assert re.search(rf"no absurd value: raw\.{feed}\.\w+: .*\(observed {ROWS}\)\n", said), said
    assert "regulars approve --gate raw" in said
