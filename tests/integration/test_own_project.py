"""A company's own project: its feed, its list, its thresholds, on a product it does not touch."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest

from regulars import warehouse
from regulars.commands import inspection, planning
from regulars.nights.run import run_night
from regulars.settings import Settings
from tests.conftest import drop_database
from tests.own_project import till
from tests.own_project.example import EXAMPLE, copied, written

pytestmark = pytest.mark.nights

NIGHT = date(2026, 10, 30)
OFF = {"recycle", "trade_in"}


@pytest.fixture(scope="module")
def shop(make_settings: Callable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The example after its first night, in a folder of its own."""
    settings = copied(make_settings, tmp_path_factory.mktemp("own"), "own_project")
    till.deliver(settings.landing, NIGHT)
    run_night(settings, NIGHT)
    yield settings
    drop_database(settings)


def query(settings: Settings, statement: str) -> list[tuple]:
    with warehouse.connect(settings, "analyst") as connection:
        return list(connection.execute(statement))  # type: ignore[arg-type]


def test_its_own_feed_becomes_customers_with_a_value(shop: Settings) -> None:
    ((customers,),) = query(shop, "select count(*) from published.dim_customers")
    ((valued,),) = query(
        shop, "select count(*) from published.customer_lifetime_values where net_clv_12m > 0"
    )
    assert till.MEMBERS - 20 < customers <= till.MEMBERS
    assert valued > 100


def test_its_own_list_has_people_a_file_and_reasons(shop: Settings) -> None:
    file = shop.home / "current" / "lists" / "first_check.csv"
    rows = list(csv.DictReader(file.open(newline="")))
    ((members,),) = query(
        shop, "select count(*) from published.list_members where list_code = 'first_check'"
    )
    assert len(rows) == members > 3
    assert all(row["reason_1"].startswith("bought the bicycle ") for row in rows)
    assert all(60 <= (NIGHT - date.fromisoformat(r["bought_on"])).days <= 150 for r in rows)


def test_its_own_feed_may_forbid_a_contact_and_holds_back_whom_an_unreadable_slip_may_mean(
    shop: Settings,
) -> None:
    """m8's slip was m9's, as its correction says."""
    with warehouse.connect(shop, "admin") as connection:
        stops = connection.execute(
            "select customer_id, channel, stop_code from intermediate.int_contact_stops"
            " where customer_id in ('m3', 'm7', 'm8', 'm9') and stop_code <> 'no_consent'"
        ).fetchall()
    assert set(stops) == {
        ("m3", "email", "opted_out"),
        ("m7", None, "consent_in_doubt"),
        ("m9", "email", "opted_out"),
    }
    listed = {
        row["customer_id"]
        for file in (shop.home / "current" / "lists").glob("*.csv")
        for row in csv.DictReader(file.open(newline=""))
    }
    assert not listed & {"m3", "m7", "m9"}


def test_lists_that_are_switched_off_are_nowhere(shop: Settings) -> None:
    shown = {row["list_code"] for row in inspection.list_counts(shop)}
    assert not OFF & shown
    assert {"first_check", "save_our_best", "second_purchase"} <= shown
    with warehouse.connect(shop, "admin") as connection:
        views = connection.execute("select table_name from information_schema.tables").fetchall()
    assert not OFF & {name for (name,) in views}


def test_changed_thresholds_hold_in_the_tables(shop: Settings) -> None:
    with warehouse.connect(shop, "admin") as connection:
        capacity = connection.execute(
            "select capacity from lists.list_definitions where list_code = 'save_our_best'"
        ).fetchone()
        (seen,) = connection.execute(
            "select pg_get_viewdef('lists.save_our_best'::regclass)"
        ).fetchone() or ("",)
    assert capacity == (40,)
    shares = re.findall(r"\b0\.\d+", str(seen))
    assert "0.1" in shares
    assert "0.2" not in shares


def test_a_night_writes_into_the_state_and_the_link_and_nowhere_else(shop: Settings) -> None:
    assert shop.company_project is not None
    assert written(shop.company_project) == {
        name: digest for name, digest in written(EXAMPLE).items() if not name.startswith("var/")
    }


# ---------- a plan


def people(settings: Settings, list_code: str) -> set[str]:
    rows = query(
        settings,
        "select list_code, customer_id from published.list_members where arm = 'treat'",
    )
    return {customer for code, customer in rows if code == list_code}


def test_a_plan_says_what_a_changed_threshold_would_do_and_saves_nothing(shop: Settings) -> None:
    before = people(shop, "first_check")
    planned = planning.plan(shop, "first_check", ["last_days=100"])
    (asked,) = (one for one in planned if one.list_code == "first_check")
    rows = query(shop, "select customer_id, details from published.list_members")
    kept = {
        customer
        for customer, details in rows
        if "bought_on" in details and (NIGHT - date.fromisoformat(details["bought_on"])).days <= 100
    }
    assert (asked.now.people, asked.now.waiting) == (len(before), 3)
    assert asked.leaves == len(before - kept) > 0
    assert asked.then.people == len(before & kept) + asked.joins
    assert (asked.then.waiting, asked.joins) == (0, 3)  # who waited has a place now
    assert asked.then.contact_cost == asked.then.people * Decimal("0.02")
    assert people(shop, "first_check") == before
    with warehouse.connect(shop, "admin") as connection:
        left = connection.execute("select 1 from pg_namespace where nspname like 'plan%'")
        assert left.fetchall() == []
