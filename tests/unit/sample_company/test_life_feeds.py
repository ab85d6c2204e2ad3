"""The feeds of a life after the sale: what they say agrees with the nine others."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from regulars.feeds import declarations
from regulars.sample_company.after_sale import loyalty
from regulars.sample_company.after_sale.farewells import farewells
from regulars.sample_company.after_sale.households import kinship
from regulars.sample_company.after_sale.units import add_months, units
from regulars.sample_company.company import Company
from regulars.sample_company.delivered_files import ON_CHANGE
from regulars.sample_company.localtime import MISSING
from regulars.settings import PROJECT
from tests.unit.sample_company.conftest import Sample

LIFE = sorted(ON_CHANGE - {"products"})


def delivered(sample: Sample, feed: str) -> list[dict[str, str]]:
    return [cells for _, _, cells in sample.rows(feed)]


def latest(sample: Sample, feed: str, *key: str) -> dict[tuple, dict[str, str]]:
    """The row that counts of each key: the one delivered last."""
    return {tuple(row[name] for name in key): row for row in delivered(sample, feed)}


@pytest.mark.parametrize("feed", LIFE)
def test_a_feed_has_the_declared_columns_and_unique_versions_of_its_key(
    sample: Sample, feed: str
) -> None:
    found = {f.name: f for f in declarations.load(PROJECT / "dbt_project", ["house"])}[feed]
    paths = sample.files(feed)
    assert paths
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert rows[0] == [column.name for column in found.columns]
        assert len(rows) > 1, "a night with nothing to say has no file"
    rows = delivered(sample, feed)
    versions = [
        tuple(row[name] for name in (*found.delivery.key, found.delivery.version)) for row in rows
    ]
    assert len(set(versions)) == len(rows)


@pytest.mark.parametrize("feed", LIFE)
def test_every_row_comes_on_the_night_it_speaks_of(sample: Sample, feed: str) -> None:
    version = next(
        f for f in declarations.load(PROJECT / "dbt_project", ["house"]) if f.name == feed
    ).delivery.version
    assert all(night == cells[version][:10] for night, _, cells in sample.rows(feed))


def test_a_month_later_is_the_same_day_or_the_months_last() -> None:
    days = np.array(["2024-01-31", "2024-02-29", "2025-12-15"], "datetime64[D]").astype(np.int64)
    found = add_months(days, np.array([1, 12, 24])).astype("datetime64[D]").astype(str)
    assert found.tolist() == ["2024-02-29", "2025-02-28", "2027-12-15"]


def test_cases_name_units_that_their_customers_own(sample: Sample) -> None:
    owned = {(r["product_id"], r["serial"]): r for r in delivered(sample, "units")}
    planted = {p["key"] for p in sample.planted() if p["feed"] == "cases"}
    cases = [
        r
        for r in latest(sample, "cases", "case_id").values()
        if r["serial"] and r["case_id"] not in planted
    ]
    known = [r for r in cases if (r["product_id"], r["serial"]) in owned]
    assert len(known) > 40
    # The others are about orders that were cancelled or had not arrived.
    assert len(known) > 0.85 * len(cases)
    assert all(owned[r["product_id"], r["serial"]]["order_id"] == r["order_id"] for r in known)


def test_a_unit_retires_after_it_was_bought_and_needs_no_service_then(sample: Sample) -> None:
    retired = [
        r for r in latest(sample, "units", "product_id", "serial").values() if r["retired_on"]
    ]
    assert {r["retired_how"] for r in retired} >= {"re_sold", "recycled", "returned"}
    assert all(r["retired_on"] >= r["bought_on"] for r in retired)
    assert not any(r["next_service_due_on"] for r in retired)


def test_a_trade_in_that_went_through_retires_its_unit(kettle: Company) -> None:
    found = units(5, kettle)
    traded = np.flatnonzero(found.how == 0)
    assert len(traded) > 5
    cases = {
        (int(o), int(p)): int(k)
        for o, p, k in zip(kettle.cases.order, kettle.cases.product, kettle.cases.kind, strict=True)
    }
    orders, products = found.order[traded].tolist(), found.product[traded].tolist()
    assert all((o, p) in cases for o, p in zip(orders, products, strict=True))


def test_a_re_sold_unit_can_come_back_under_another_owner(sample: Sample) -> None:
    owners = defaultdict(list)
    for row in delivered(sample, "units"):
        owners[row["product_id"], row["serial"]].append(row)
    moved = [rows for rows in owners.values() if len({r["customer_id"] for r in rows}) > 1]
    assert moved
    assert all(rows[-2]["retired_how"] == "re_sold" for rows in moved)
    assert all(rows[-1]["retired_how"] == "" for rows in moved)


def test_no_balance_is_ever_negative_and_old_points_are_gone(kettle: Company) -> None:
    entry = loyalty.ledger(5, kettle)
    assert {0, 1, 2, 3} == set(entry.kind.tolist())
    order = np.lexsort((np.arange(len(entry.kind)), entry.customer))
    running = np.cumsum(entry.points[order])
    starts = np.flatnonzero(np.diff(entry.customer[order], prepend=-1))
    base = np.repeat(np.append(0, running[starts[1:] - 1]), np.diff(np.append(starts, len(order))))
    assert (running - base).min() == 0
    # Who earned nothing for more than a year has nothing left.
    last = entry.booked_at.max()
    recent = np.unique(entry.customer[(entry.kind == 0) & (entry.booked_at > last - 370 * 86_400)])
    stale = np.setdiff1d(entry.customer, recent)
    balance = np.bincount(entry.customer, weights=entry.points)
    assert len(stale) > 50
    assert (balance[stale] == 0).all()


def test_points_are_spent_oldest_first() -> None:
    """Earned 300 and 150, spent 250: at the first expiry 50 are left of the first 300."""
    kinds = np.array(
        [loyalty.EARNED, loyalty.EARNED, loyalty.SPENT, loyalty.EXPIRED, loyalty.EXPIRED]
    )
    chances = loyalty._Chances(
        kinds,
        np.zeros(5, np.int64),
        np.arange(5),
        np.array([0, 1, 2, 0, 1]),
        np.array([300, 150, 0, 300, 150]),
    )
    assert loyalty._book(chances, 1).tolist() == [300, 150, -250, -50, -150]


def test_whoever_is_referred_was_brought_by_an_earlier_buyer_and_chains_form(
    sample: Sample,
) -> None:
    rows = delivered(sample, "referrals")
    created = {r["customer_id"]: r["created_at"] for r in delivered(sample, "customers")}
    brought_by = {r["referred_customer_id"]: r["referrer_customer_id"] for r in rows}
    assert len(brought_by) == len(rows) > 40
    assert all(created.get(a, "") < created.get(b, "9") for b, a in brought_by.items())
    assert any(a in brought_by for a in brought_by.values()), "nobody brought in brought another"
    assert Counter(brought_by.values()).most_common(1)[0][1] >= 3


def test_couples_share_an_address_and_mostly_a_surname(sample: Sample) -> None:
    at_sign_up: dict[tuple, list[str]] = defaultdict(list)
    seen = set()
    for row in delivered(sample, "addresses"):
        if row["customer_id"] not in seen:
            seen.add(row["customer_id"])
            at_sign_up[row["street"], row["postcode"]].append(row["customer_id"])
    surname = {r["customer_id"]: r["last_name"] for r in delivered(sample, "customers")}
    pairs = [p for p in at_sign_up.values() if len(p) == 2 and set(p) <= surname.keys()]
    assert len(pairs) > 25
    assert 0.6 < np.mean([surname[a] == surname[b] for a, b in pairs]) < 1.0


def test_a_second_account_has_the_name_of_the_first_and_is_found_later(sample: Sample) -> None:
    named = {
        r["customer_id"]: (r["first_name"], r["last_name"], r["birth_date"])
        for r in delivered(sample, "customers")
    }
    words = delivered(sample, "identities")
    apart = {r["old_customer_id"] for r in words if r["is_merged"] == "false"}
    right = [
        r
        for r in words
        if r["old_customer_id"] not in apart
        and named[r["old_customer_id"]] == named[r["customer_id"]]
    ]
    assert len(right) >= 3


def test_couples_taken_for_one_person_are_mostly_told_apart_again(kettle: Company) -> None:
    from regulars.sample_company.after_sale.identities import identities

    kin = kinship(5, kettle.who, kettle.world.household)
    found = identities(5, kettle.who, kin, kettle.world.household)
    wrong = kin.person[found.old] == found.old
    merged, undone = (wrong & found.is_merged).sum(), (wrong & ~found.is_merged).sum()
    assert 0.6 < undone / merged < 1.0
    cycle = set(zip(found.old.tolist(), found.customer.tolist(), strict=True))
    assert any((b, a) in cycle for a, b in cycle), "no merge was entered both ways round"


def test_nobody_orders_after_a_death_or_a_wish_to_be_forgotten(sample: Sample) -> None:
    ended = {
        r["customer_id"]: r["died_on"]
        for r in latest(sample, "deaths", "customer_id").values()
        if r["is_withdrawn"] == "false"
    }
    ended |= {
        r["customer_id"]: r["requested_at"][:10] for r in delivered(sample, "erasure_requests")
    }
    assert len(ended) >= 4
    orders = latest(sample, "orders", "order_id").values()
    assert not [r for r in orders if r["ordered_at"][:10] > ended.get(r["customer_id"], "9")]


def test_some_of_the_living_are_reported_dead_and_alive_again_within_weeks(
    kettle: Company,
) -> None:
    left = farewells(5, kettle)
    assert 0.001 < len(left.mistaken) / len(kettle.who) < 0.003
    assert not set(left.mistaken) & (set(left.dead) | set(left.erased))
    assert (left.mistaken_at > kettle.who.created_at[left.mistaken]).all()
    weeks = (left.withdrawn_at - left.mistaken_at) / (7 * 86_400)
    assert (weeks > 0).all()
    assert np.median(weeks) < 3


def test_spend_is_booked_for_every_month_and_channel_once(sample: Sample) -> None:
    rows = delivered(sample, "marketing_spend")
    months = {r["month"] for r in rows}
    assert len(rows) == len(months) * len({r["channel"] for r in rows}) == 24 * 5
    assert all(date.fromisoformat(r["month"]).day == 1 for r in rows)


def test_events_are_announced_weeks_before(sample: Sample) -> None:
    events = delivered(sample, "events")
    assert events
    for row in events:
        ahead = datetime.fromisoformat(row["starts_at"]) - datetime.fromisoformat(row["updated_at"])
        assert ahead > timedelta(days=30)
        assert int(row["capacity"]) > 0


def test_an_older_unit_has_no_order_and_may_be_past_its_life(kettle: Company) -> None:
    found = units(5, kettle)
    older = found.order < 0
    life = kettle.shop.life[found.product] * 30.4 * 86_400
    last_night = (kettle.first_day + kettle.nights) * 86_400
    assert (found.bought_at[older] < found.known_at[older]).all()
    assert (found.bought_at + life < last_night)[older].mean() > 0.1
    assert (found.registered_at[older] != MISSING).all()
