"""Orders whose every number is the largest that its feed takes, nine of one customer: the night
stops at the raw gate, names the feed and how many rows, and says what to do. When a person lets
them pass, their sums fit every column of money that values are made of."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.feeds import declarations
from regulars.feeds.model import Feed
from regulars.gates.approvals import approve
from regulars.gates.check import GateFailed
from regulars.nights.run import run_step
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.integration.declared_ends import NUMBERS, numbers_at
from tests.server import drop_database

# One night of a company: a minute and a half.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(0), pytest.mark.usefixtures("without_docs")]
ORDER = "MAX-1"
FEEDS = ("orders", "order_lines", "refunds")
ROWS = 9  # of each feed


def add_largest(landing: Path, feed: Feed) -> int:
    """Rows like the last one of the feed's newest file, with the largest numbers; of those that are
    multiplied, the last. Returns how many numbers each has."""
    file = max(f for f in landing.glob(f"house/*/{feed.name}.csv") if f.read_text().count("\n") > 1)
    with file.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    numbers = {c.header: numbers_at(c)[1] for c in feed.columns if c.kind in NUMBERS}
    numbers |= {feed.column(name).header: "1" for name in feed.delivery.multiplied[:-1]}
    tonight = landing / "house" / LAST_NIGHT.isoformat() / f"{feed.name}.csv"
    with tonight.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        for number in range(1, ROWS + 1):
            row = dict(zip(header, rows[-1], strict=True))
            row |= {name: value for name, value in numbers.items() if name in row}
            row |= {key: f"{ORDER}-{number}" for key in ("order_id", "refund_id") if key in row}
            row |= {"line_no": "1"} if "line_no" in row else {}
            writer.writerow(row.values())
    return sum(name in header for name in numbers)


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


def test_the_raw_gate_says_which_feed_and_how_many_rows_and_once_let_pass_their_sums_are_valued(
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
    approve(at_their_maximum, "raw", LAST_NIGHT, "Ada", "as they are")
    for step in ("gate_raw", "normalise_contacts", "transform", "score", "value"):
        run_step(step, LAST_NIGHT, at_their_maximum)
    with warehouse.connect(at_their_maximum, "admin") as connection:
        built = connection.execute(
            "select count(*), min(gross_sales) from marts.fct_orders where order_id like %s",
            [f"{ORDER}-%"],
        ).fetchone()
    assert built == (ROWS, Decimal("9999999999.99"))
