"""Every planted row is where the record says it is, and there is no other bad row."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from regulars.sample_company import generate
from regulars.sample_company.dirt.faults import KINDS, only, wants
from regulars.sample_company.dirt.mishaps import MISHAPS, QUARANTINED, REFUSED
from regulars.sample_company.dirt.odd_files import ODD_FILES
from regulars.sample_company.dirt.planting import draw_plan
from regulars.sample_company.house_feeds import all_feeds, order_numbers
from regulars.sample_company.parts import Dirt
from regulars.sample_company.worlds import KETTLE_AND_CRANE
from tests.unit.sample_company.conftest import Sample
from tests.unit.sample_company.living import FIRST_DAY, NIGHTS, live

# A plain reading of the house format, independent of the loader's: column -> what is allowed.
STAMP, DAY, MONEY, COUNT, FLAG = "stamp", "day", "money", "count", "flag"
RULES: dict[str, dict[str, object]] = {
    "customers": {
        "customer_id!": str,
        "birth_date": DAY,
        "anniversary": DAY,
        "is_staff": FLAG,
        "preferred_channel": {"email", "phone", "post"},
        "created_at!": STAMP,
        "updated_at!": STAMP,
        "last_name": str,
        "first_name": str,
    },
    "orders": {
        "order_id!": str,
        "customer_id": str,
        "ordered_at!": STAMP,
        "status!": {"pending", "paid", "shipped", "delivered", "cancelled"},
        "order_type!": {"sale", "replacement", "gift_card", "staff"},
        "currency!": str,
        "shipping_cost": MONEY,
        "payment_fee": MONEY,
        "channel": {"web", "shop", "phone"},
        "delivered_at": STAMP,
        "updated_at!": STAMP,
    },
    "order_lines": {
        "order_id!": str,
        "line_no!": COUNT,
        "product_id!": str,
        "quantity!": COUNT,
        "unit_price!": MONEY,
        "discount": MONEY,
        "updated_at!": STAMP,
    },
    "refunds": {
        "refund_id!": str,
        "line_no": COUNT,
        "refunded_at!": STAMP,
        "quantity": COUNT,
        "amount!": MONEY,
        "is_restocked": FLAG,
        "handling_cost": MONEY,
        "updated_at!": STAMP,
    },
    "cases": {
        "case_id!": str,
        "subject": str,
        "opened_at!": STAMP,
        "promised_reply_minutes": COUNT,
        "kind!": {
            "question",
            "complaint",
            "repair",
            "warranty_claim",
            "trade_in",
            "recycling",
            "disposal",
        },
        "agent_minutes": COUNT,
        "goodwill_cost": MONEY,
        "updated_at!": STAMP,
    },
    "surveys": {
        "survey_id!": str,
        "kind!": {"csat", "nps", "effort", "product_idea"},
        "score": {str(score) for score in range(11)},
        "answered_at!": STAMP,
    },
    "consents": {
        "customer_id!": str,
        "channel!": {"email", "phone", "post", "ads", "google_ads", "meta_ads"},
        "purpose!": {"marketing", "service", "advertising", "ad_user_data", "ad_personalization"},
        "changed_at!": STAMP,
        "is_granted!": FLAG,
    },
    "campaign_contacts": {
        "contact_id!": str,
        "customer_id!": str,
        "channel!": {"email", "phone", "post", "ads"},
        "sent_at!": STAMP,
        "outcome!": {
            "sent",
            "delivered",
            "opened",
            "clicked",
            "bounced",
            "unsubscribed",
            "complained",
        },
    },
    "products": {"product_id!": str, "unit_cost": MONEY, "list_price": MONEY},
}


def is_good(value: str, rule: object) -> bool:
    if isinstance(rule, set):
        return value in rule
    if rule is str:
        return not re.search(r"[\x00-\x1f]", value)
    if rule == FLAG:
        return value in ("true", "false")
    if rule == MONEY:
        return bool(re.fullmatch(r"\d+\.\d\d", value))
    if rule == COUNT:
        return bool(re.fullmatch(r"\d{1,9}", value))
    try:
        when = datetime.fromisoformat(value) if rule == STAMP else date.fromisoformat(value)
    except ValueError:
        return False
    return when.year < 2027 and (rule == DAY or "T" in value)


def bad_rows(sample: Sample, feed: str) -> set[tuple[str, int]]:
    found = set()
    for night, line, row in sample.rows(feed):
        for name, rule in RULES[feed].items():
            value = row.get(name.rstrip("!"), "")
            if (name.endswith("!") and not value) or (value and not is_good(value, rule)):
                found.add((night, line))
    return found


@pytest.mark.parametrize("feed", sorted(RULES))
def test_the_bad_rows_are_exactly_the_planted_ones(sample: Sample, feed: str) -> None:
    planted = {
        (p["delivered_on"], p["line"])
        for p in sample.planted()
        if p["feed"] == feed and p["expected"] == QUARANTINED
    }
    assert bad_rows(sample, feed) == planted


def test_every_kind_is_planned_in_a_company_of_the_demos_size() -> None:
    made = live("kettle_and_crane", customers=3000, seed=7)
    feeds = all_feeds(made, order_numbers(made))
    plan = draw_plan(7, feeds, FIRST_DAY, NIGHTS, made.world.dirt)
    planned = {(feed, m.kind) for (feed, _), rows in plan.rows.items() for _, _, m in rows}
    assert {(m.feed, m.kind) for m in MISHAPS} - planned == set()
    ordinary = {(odd.feed, odd.kind) for odd in ODD_FILES if odd.is_ordinary}
    assert {(feed, odd.kind) for (feed, _), odd in plan.files.items()} == ordinary
    assert len(plan.late_parents) >= 1
    assert (made.orders.currency > 0).sum() >= 1


def test_the_counts_returned_are_the_counts_recorded(sample: Sample) -> None:
    recorded = Counter(p["expected"] for p in sample.planted())
    assert sample.counts["dirt"] == dict(recorded)
    assert recorded["held"] >= 2
    assert recorded["quarantined"] > 40


def test_no_delivery_has_so_many_bad_rows_that_it_would_be_refused(sample: Sample) -> None:
    bad = Counter(
        (p["feed"], p["delivered_on"])
        for p in sample.planted()
        if p["expected"] == QUARANTINED and p["line"]
    )
    assert max(bad.values()) < 5


def test_a_twin_stands_beside_the_row_it_was_copied_from(sample: Sample) -> None:
    twins = {
        (p["delivered_on"], p["line"])
        for p in sample.planted()
        if (p["feed"], p["kind"]) == ("order_lines", "decimal_comma")
    }
    rows = {(night, line): row for night, line, row in sample.rows("order_lines")}
    assert twins
    for night, line in twins:
        twin, true_row = rows[night, line], rows[night, line - 1]
        assert twin["unit_price"] == "1.234,56"
        assert {**twin, "unit_price": ""} == {**true_row, "unit_price": ""}


def test_a_corrected_file_differs_from_the_first_only_in_what_was_wrong(sample: Sample) -> None:
    night = next(p["delivered_on"] for p in sample.planted() if p["kind"] == "corrected_file")
    first, second = (
        (sample.house / night / name).read_text().splitlines()
        for name in ("orders.csv", "orders.r2.csv")
    )
    assert len(first) == len(second)
    wrong = [line for line, right in zip(first, second, strict=True) if line != right]
    assert wrong
    assert all("88.88" in line for line in wrong)


def test_a_redelivered_file_is_the_same_bytes_under_another_name(sample: Sample) -> None:
    night = next(p["delivered_on"] for p in sample.planted() if p["kind"] == "redelivered_file")
    folder = sample.house / night
    packed = gzip.decompress((folder / "order_lines.csv.gz").read_bytes())
    assert (folder / "order_lines.csv").read_bytes() == packed


def test_a_clean_world_is_the_same_company_without_the_dirt(tmp_path: Path) -> None:
    pair = []
    for name, per_mille in (("dirty", 2.0), ("clean", 0.0)):
        root = tmp_path / name
        counts = generate(
            root / "landing",
            root / "truth",
            customers=400,
            first_night=date(2025, 9, 1),
            last_night=date(2025, 12, 31),
            world=KETTLE_AND_CRANE.variant(name=name, dirt={"per_mille": per_mille}),
        )
        pair.append(Sample(root / "landing" / "house", root / "truth", counts))
    dirty, clean = pair
    assert clean.counts["dirt"] == {}
    assert clean.planted() == []
    assert clean.counts["rows"] == dirty.counts["rows"]
    assert all(not bad_rows(clean, feed) for feed in RULES)
    planted = {(p["delivered_on"], p["line"]) for p in dirty.planted() if p["feed"] == "refunds"}
    assert planted
    kept = [row for night, line, row in dirty.rows("refunds") if (night, line) not in planted]
    assert kept == [row for _, _, row in clean.rows("refunds")]


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Half a year of a company with every fault there is."""
    root = tmp_path_factory.mktemp("dirty")
    counts = generate(
        root / "landing",
        root / "truth",
        customers=700,
        seed=3,
        world="dirty",
        first_night=date(2025, 7, 1),
        last_night=date(2025, 12, 31),
    )
    return Sample(root / "landing" / "house", root / "truth", counts)


def test_a_dirty_company_has_every_kind_of_odd_file_once(dirty: Sample) -> None:
    planted = [(p["feed"], p["kind"], p["expected"]) for p in dirty.planted()]
    for odd in ODD_FILES:
        assert planted.count((odd.feed, odd.kind, odd.expected)) == 1, odd.kind
    refused = sum(odd.expected == REFUSED for odd in ODD_FILES)
    assert dirty.counts["dirt"]["refused"] == refused


def test_every_refused_file_is_followed_by_a_good_one_of_its_night(dirty: Sample) -> None:
    refused = [p for p in dirty.planted() if p["expected"] == REFUSED]
    assert len(refused) > 8
    for planted in refused:
        folder = dirty.house / planted["delivered_on"]
        assert (folder / planted["file"]).exists()
        header, *rows = (folder / f"{planted['feed']}.r2.csv").read_text().splitlines()
        assert header.count(",") > 3
        assert rows


def test_everything_turned_away_has_its_reason(dirty: Sample) -> None:
    for planted in dirty.planted():
        assert bool(planted["reason"]) == (planted["expected"] in (QUARANTINED, REFUSED))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_can_be_planted_alone(kind: str) -> None:
    dirt = Dirt(per_mille=20.0, kinds=only(kind))
    assert [other for other in sorted(KINDS) if wants(dirt, other)] == [kind]


def test_dirt_of_one_kind_is_all_the_dirt_there_is(tmp_path: Path) -> None:
    counts = generate(
        tmp_path / "landing",
        tmp_path / "truth",
        customers=300,
        seed=3,
        first_night=date(2025, 9, 1),
        last_night=date(2025, 12, 31),
        world=KETTLE_AND_CRANE.variant(dirt={"per_mille": 20.0, "kinds": only("decimal_comma")}),
    )
    planted = Sample(tmp_path / "landing" / "house", tmp_path / "truth", counts).planted()
    assert {p["kind"] for p in planted} == {"decimal_comma"}
    assert counts["dirt"] == {"quarantined": len(planted)}
    assert {p["feed"] for p in planted} == {"orders", "order_lines", "refunds"}


def test_a_kind_nobody_knows_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="decimal_comma"):
        only("mud")
    with pytest.raises(ValueError, match="dirt"):
        KETTLE_AND_CRANE.variant(dirt={"kinds": frozenset({"mud"})})
