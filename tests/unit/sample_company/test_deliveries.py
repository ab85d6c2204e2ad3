"""The files as a reader sees them: shape, keys, dates, and what follows from what."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import phonenumbers
import pyarrow.parquet as pq
from email_validator import validate_email

from regulars.sample_company import FIRST_NIGHT, LAST_NIGHT, generate
from regulars.sample_company.dirt.mishaps import MISHAPS
from regulars.sample_company.dirt.odd_files import ODD_FILES
from tests.unit.sample_company.conftest import Sample

COLUMNS = {
    "customers": "customer_id,email,phone,first_name,last_name,birth_date,anniversary,language,"
    "country,timezone,preferred_channel,is_staff,created_at,updated_at",
    "products": "product_id,name,category,unit_cost,list_price,warranty_months,"
    "expected_life_months,service_interval_months,updated_at",
    "orders": "order_id,customer_id,ordered_at,status,order_type,currency,shipping_cost,"
    "payment_fee,channel,delivered_at,updated_at",
    "order_lines": "order_id,line_no,product_id,quantity,unit_price,discount,updated_at",
    "refunds": "refund_id,order_id,line_no,refunded_at,quantity,amount,is_restocked,reason,"
    "handling_cost,updated_at",
    "cases": "case_id,customer_id,order_id,product_id,serial,kind,subject,opened_at,"
    "first_reply_at,resolved_at,reopened_count,promised_reply_minutes,agent_minutes,"
    "goodwill_cost,reason,updated_at",
    "surveys": "survey_id,customer_id,case_id,kind,score,comment,answered_at",
    "consents": "customer_id,channel,purpose,changed_at,is_granted",
    "campaign_contacts": "contact_id,list_code,customer_id,channel,sent_at,outcome",
}
CHANGED_AT = {"surveys": "answered_at", "consents": "changed_at", "campaign_contacts": "sent_at"}


ALTERED = {(m.feed, m.kind) for m in MISHAPS if not m.is_twin}


def good(sample: Sample, feed: str) -> list[tuple[str, int, dict[str, str]]]:
    """Rows of a feed without the planted ones; true rows that were altered stay."""
    planted = {
        (p["delivered_on"], p["line"])
        for p in sample.planted()
        if p["feed"] == feed and p["line"] and (feed, p["kind"]) not in ALTERED
    }
    return [row for row in sample.rows(feed) if (row[0], row[1]) not in planted]


def test_every_file_has_the_columns_of_the_house_format_in_order(sample: Sample) -> None:
    odd = {(p["feed"], p["delivered_on"]) for p in sample.planted() if not p["line"]}
    seen = 0
    for feed, columns in COLUMNS.items():
        for path in sample.files(feed):
            if (feed, path.parent.name) not in odd:
                seen += 1
                with path.open(encoding="utf-8", newline="") as file:
                    assert file.readline() == columns + "\n"
    assert seen > 5_500


def test_every_night_has_every_feed_if_only_its_header(sample: Sample) -> None:
    nights = sorted(path.name for path in sample.house.iterdir())
    assert (nights[0], nights[-1]) == (FIRST_NIGHT.isoformat(), LAST_NIGHT.isoformat())
    assert len(nights) == (LAST_NIGHT - FIRST_NIGHT).days + 1
    missing = {
        (feed, night)
        for feed in COLUMNS
        for night in nights
        if feed != "products" and not list((sample.house / night).glob(f"{feed}.csv*"))
    }
    assert missing == set()


def test_products_come_only_when_something_changed(sample: Sample) -> None:
    files = sample.files("products")
    assert 5 < len(files) < 15
    last: dict[str, tuple] = {}
    for _, _, row in sample.rows("products"):
        stated = (row["unit_cost"], row["list_price"])
        assert last.get(row["product_id"]) != stated
        last[row["product_id"]] = stated
    assert 60 <= len(last) <= 100
    assert all(float(price) >= float(cost) for cost, price in last.values())


def test_every_row_parses_and_has_all_its_cells(sample: Sample) -> None:
    rows = 0
    for feed in COLUMNS:
        for path in sorted(sample.house.glob(f"*/{feed}*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as file:
                header, *body = csv.reader(file, strict=True)
                assert all(len(cells) == len(header) for cells in body), path
                rows += len(body)
    assert rows > 12_000


def test_a_delivery_tells_of_its_own_day_and_nothing_later(sample: Sample) -> None:
    late = {p["delivered_on"] for p in sample.planted() if p["kind"] == "late_file"}
    shifted = {p["key"] for p in sample.planted() if p["kind"] == "late_parent"}
    checked = 0
    for feed in COLUMNS:
        for night, _, row in good(sample, feed):
            happened = row[CHANGED_AT.get(feed, "updated_at")][:10]
            if row.get("customer_id") in shifted or (feed == "cases" and night in late):
                assert happened <= night
                continue
            assert happened == night, (feed, night)
            checked += 1
    assert checked > 10_000


def test_no_night_says_the_same_thing_twice(sample: Sample) -> None:
    keys = {"orders": ("order_id",), "order_lines": ("order_id", "line_no"), "cases": ("case_id",)}
    for feed, key in keys.items():
        late = {p["delivered_on"] for p in sample.planted() if p["kind"] == "late_file"}
        seen = [
            (night, *(row[name] for name in key))
            for night, _, row in good(sample, feed)
            if night not in late
        ]
        assert len(seen) == len(set(seen))


def test_what_points_at_something_points_at_something_delivered(sample: Sample) -> None:
    ids = {
        feed: {row[column] for _, _, row in good(sample, feed)}
        for feed, column in (
            ("customers", "customer_id"),
            ("orders", "order_id"),
            ("products", "product_id"),
            ("cases", "case_id"),
        )
    }
    pointers = {
        "orders": {"customer_id": "customers"},
        "order_lines": {"order_id": "orders", "product_id": "products"},
        "refunds": {"order_id": "orders"},
        "cases": {"customer_id": "customers", "order_id": "orders", "product_id": "products"},
        "surveys": {"customer_id": "customers", "case_id": "cases"},
        "consents": {"customer_id": "customers"},
        "campaign_contacts": {"customer_id": "customers"},
    }
    for feed, columns in pointers.items():
        for night, line, row in good(sample, feed):
            for column, parent in columns.items():
                if row[column]:
                    assert row[column] in ids[parent], (feed, column, night, line)


def test_orphans_stay_orphans(sample: Sample) -> None:
    customers = {row["customer_id"] for _, _, row in sample.rows("customers")}
    orders = {row["order_id"]: row for _, _, row in sample.rows("orders")}
    planted = [p for p in sample.planted() if p["feed"] == "orders" and p["kind"] == "orphan"]
    assert planted
    for orphan in planted:
        assert orders[orphan["key"]]["customer_id"] not in customers


def test_a_late_parent_comes_three_nights_late_and_does_come(sample: Sample) -> None:
    late = {p["key"] for p in sample.planted() if p["kind"] == "late_parent"}
    assert late
    for night, _, row in good(sample, "customers"):
        if row["customer_id"] in late and row["created_at"] == row["updated_at"]:
            delay = date.fromisoformat(night) - date.fromisoformat(row["created_at"][:10])
            assert delay.days == 3
            late.remove(row["customer_id"])
    assert not late


def test_an_order_goes_its_way_and_never_back(sample: Sample) -> None:
    rank = {"pending": 0, "paid": 1, "shipped": 2, "delivered": 3, "cancelled": 4}
    ways: dict[str, list[str]] = defaultdict(list)
    for _, _, row in good(sample, "orders"):
        ways[row["order_id"]].append(row["status"])
        assert (row["delivered_at"] != "") == (row["status"] == "delivered")
    for way in ways.values():
        assert [rank[s] for s in way] == sorted(rank[s] for s in way)
        assert not ("cancelled" in way and {"shipped", "delivered"} & set(way))
    assert {way[-1] for way in ways.values()} >= {"delivered", "cancelled", "shipped"}


def test_some_orders_move_to_another_customer_before_they_arrive(sample: Sample) -> None:
    owners = defaultdict(list)
    for _, _, row in good(sample, "orders"):
        owners[row["order_id"]].append((row["customer_id"], row["status"]))
    moved = [rows for rows in owners.values() if len({customer for customer, _ in rows}) > 1]
    assert 1 <= len(moved) < 0.01 * len(owners)
    assert all(rows[-1][1] == "delivered" for rows in moved)


def test_a_case_row_knows_nothing_of_the_days_after_it(sample: Sample) -> None:
    early = {
        (p["delivered_on"], p["line"]) for p in sample.planted() if p["kind"] == "resolved_early"
    }
    for night, line, row in good(sample, "cases"):
        if (night, line) in early:
            assert row["resolved_at"][:10] > night or row["resolved_at"] > row["updated_at"]
            continue
        for column in ("opened_at", "first_reply_at", "resolved_at"):
            assert row[column][:10] <= night


def test_addresses_are_unique_valid_and_belong_to_nobody(sample: Sample) -> None:
    first = {}
    for _, _, row in good(sample, "customers"):
        first.setdefault(row["customer_id"], row)
    emails = [row["email"] for row in first.values() if row["email"]]
    assert len(set(map(str.lower, emails))) == len(emails) > 800
    for email in emails:
        validate_email(email, check_deliverability=False)
        assert email.rpartition("@")[2].split(".")[-2] == "example"


def test_telephone_numbers_are_valid_for_their_country(sample: Sample) -> None:
    numbers = [(r["phone"], r["country"]) for _, _, r in good(sample, "customers") if r["phone"]]
    assert len(numbers) > 500
    for number, country in numbers:
        parsed = phonenumbers.parse(number, country)
        assert phonenumbers.is_valid_number(parsed), number
        assert phonenumbers.region_code_for_number(parsed) == country


def test_birthdays_include_the_leap_day_and_minors(sample: Sample) -> None:
    born = [r["birth_date"] for _, _, r in good(sample, "customers") if r["birth_date"]]
    assert any(day.endswith("-02-29") for day in born)
    assert all(date.fromisoformat(day) < date(2013, 1, 1) for day in born)
    assert any(date.fromisoformat(day) > date(2007, 10, 31) for day in born)


def test_every_corner_of_the_demo_has_people_on_the_last_night(sample: Sample) -> None:
    """Trial customers some weeks after their only order; a wrong made good weeks ago."""
    last = datetime(2026, 10, 31, tzinfo=UTC)
    ordered = defaultdict(list)
    for _, _, row in good(sample, "orders"):
        ordered[row["customer_id"]].append(row["ordered_at"])
    ages = [
        (last - datetime.fromisoformat(min(days))).days
        for days in ordered.values()
        if len(set(days)) == 1
    ]
    assert sum(20 <= age <= 200 for age in ages) > 50
    current = {row["case_id"]: row for _, _, row in good(sample, "cases")}
    resolved_breaches = [
        row
        for row in current.values()
        if row["resolved_at"] > "2026-09-15" and _minutes(row) > int(row["promised_reply_minutes"])
    ]
    assert resolved_breaches
    assert any(not row["resolved_at"] for row in current.values())


def _minutes(row: dict[str, str]) -> float:
    reply, opened = (datetime.fromisoformat(row[c]) for c in ("first_reply_at", "opened_at"))
    return (reply - opened).total_seconds() / 60


def test_the_truth_agrees_with_what_was_delivered(sample: Sample) -> None:
    truth = {
        row["customer_id"]: row
        for row in pq.read_table(sample.truth / "customers.parquet").to_pylist()
    }
    orders, owner = defaultdict(set), {}
    for _, _, row in good(sample, "orders"):
        if row["order_type"] == "sale":
            owner[row["order_id"]] = row["customer_id"]
    for order, customer in owner.items():
        orders[customer].add(order)
    delivered = {row["customer_id"] for _, _, row in good(sample, "customers")}
    assert delivered == set(truth)
    for customer, row in truth.items():
        assert row["orders"] == len(orders[customer])
        if row["dropped_out_on"] and row["dropped_out_on"] <= LAST_NIGHT:
            assert row["orders_next_365d"] == 0
    assert sum(row["orders_next_365d"] for row in truth.values()) > 300


def test_a_tiny_company_of_one_night_is_a_company_too(tmp_path: Path) -> None:
    night = date(2025, 3, 3)
    counts = generate(
        tmp_path / "landing", tmp_path / "truth", customers=1, first_night=night, last_night=night
    )
    assert counts["rows"]["customers"] == 1
    assert (tmp_path / "landing" / "house" / "2025-03-03" / "refunds.csv").exists()


def test_every_file_kind_is_planted_once(sample: Sample) -> None:
    planted = [(p["kind"], p["feed"]) for p in sample.planted()]
    for odd in ODD_FILES:
        assert planted.count((odd.kind, odd.feed)) == odd.is_ordinary
