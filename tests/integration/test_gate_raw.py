"""The raw gate lets ordinary deliveries pass and stops poisoned ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import unquote

import psycopg
import pytest

from regulars import warehouse
from regulars.gates import approvals
from regulars.gates.check import GateFailed, check
from regulars.gates.data_docs import docs_folder
from regulars.night import Night
from regulars.nights.run import run_night
from regulars.settings import Settings
from tests.integration import gate_checks
from tests.integration import gate_world as world

NIGHT = Night(world.TONIGHT)
TODAY = world.TONIGHT


@pytest.fixture(scope="module")
def ten_weeks(settings: Settings) -> None:
    world.ten_weeks(settings)


@pytest.fixture
def delivered(settings: Settings, ten_weeks: None) -> Iterator[psycopg.Connection]:
    """What is delivered through this connection is gone after the test."""
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        before = connection.execute("select max(delivery_id) from raw.deliveries").fetchone()
        yield connection
        for table in ("customers", "orders", "order_lines", "marketing_spend"):
            connection.execute(f"delete from raw.{table} where _delivery_id > %s".encode(), before)
        connection.execute("delete from raw.deliveries where delivery_id > %s", before)
        connection.execute("delete from decisions.approvals")
        connection.execute("delete from ops.gate_stops")


@pytest.fixture
def today(delivered: psycopg.Connection, without_docs: None) -> psycopg.Connection:
    """The same, for checks whose pages nobody reads."""
    return delivered


def stops(settings: Settings, *words: str) -> str:
    return gate_checks.stops(settings, NIGHT, "raw", *words)


def test_an_ordinary_night_passes_and_its_pages_fetch_nothing_and_link_to_one_another(
    settings: Settings, delivered: psycopg.Connection
) -> None:
    world.deliver_day(delivered, TODAY)
    result = check(settings, NIGHT, "raw")
    assert result["expectations"] > 40
    assert result["warnings"] == []
    rows = result["rows_by_suite"]
    assert rows["orders: new rows"] == world.ORDERS + TODAY.day % 5
    assert rows["orders: new against known"] == world.ORDERS + TODAY.day % 5
    assert rows["deliveries"] > 1000
    folder = docs_folder(settings, NIGHT) / "raw"
    pages = {page: page.read_text() for page in folder.rglob("*.html")}
    assert len(pages) > 10
    fetching = re.compile(r"<script|<link|src=|@import|url\(")
    assert [page for page, text in pages.items() if fetching.search(text)] == []
    assert {file.suffix for file in folder.rglob("*") if file.is_file()} == {".html"}
    links = re.findall('href="([^"]+)"', pages[folder / "index.html"])
    assert len(links) > 10
    assert [link for link in links if folder / unquote(link) not in pages] == []


def test_a_first_night_passes_without_history(
    settings: Settings, today: psycopg.Connection
) -> None:
    first = Night(world.FIRST)
    assert check(settings, first, "raw")["expectations"] > 20


def test_prices_a_thousand_times_too_high_stop_the_night_until_they_are_corrected(
    settings: Settings, today: psycopg.Connection
) -> None:
    prices = world.order_lines(TODAY, price="1000 * (20 + i % 30)")
    world.deliver(today, "order_lines", TODAY, 40, prices)
    stops(
        settings,
        "no absurd value: raw.order_lines.unit_price",
        "regulars quarantine list",
        "regulars approve --gate raw",
    )
    world.deliver(today, "order_lines", TODAY, 40, world.order_lines(TODAY), revision=1)
    assert check(settings, NIGHT, "raw")["approved"] is False


def test_a_few_lines_at_a_thousand_times_the_price_stop_the_night(
    settings: Settings, today: psycopg.Connection
) -> None:
    world.deliver(
        today,
        "order_lines",
        TODAY,
        41,
        world.order_lines(TODAY, price="case when i = 9 then 29000 else 20 + i % 30 end"),
    )
    stops(
        settings,
        "no absurd value: raw.order_lines.unit_price: new rows with more than 100 times the largest"
        " known value (observed 1)",
    )


def test_prices_in_the_wrong_unit_stop_the_night(
    settings: Settings, today: psycopg.Connection
) -> None:
    world.deliver(
        today, "order_lines", TODAY, 41, world.order_lines(TODAY, price="(20 + i % 30) * 100")
    )
    stops(settings, "usual amounts: raw.order_lines.unit_price")


def test_prices_of_nothing_stop_the_night(settings: Settings, today: psycopg.Connection) -> None:
    world.deliver(today, "order_lines", TODAY, 41, world.order_lines(TODAY, price="0"))
    stops(settings, "usual amounts: raw.order_lines.unit_price")


def test_all_orders_on_one_customer_stop_the_night(
    settings: Settings, today: psycopg.Connection
) -> None:
    world.deliver(today, "orders", TODAY, 41, world.orders(TODAY, customer="'c1'"))
    message = stops(settings, "no value takes over: raw.orders.customer_id")
    assert "c1" not in message


def test_orders_without_any_customer_stop_the_night(
    settings: Settings, today: psycopg.Connection
) -> None:
    world.deliver(today, "orders", TODAY, 41, world.orders(TODAY, customer="null"))
    stops(settings, "no value takes over: raw.orders.customer_id")


def test_small_deliveries_that_come_together_are_as_alike_as_each_has_always_been(
    settings: Settings, today: psycopg.Connection
) -> None:
    """Four files of five rows in one currency, when no file alone was ever worth comparing."""
    for days in range(4):
        on = TODAY - timedelta(days=days)
        world.deliver(today, "marketing_spend", on, 5, world.spend(on), revision=2)
    assert check(settings, NIGHT, "raw")["gate"] == "raw"


@pytest.mark.parametrize("rows", [0, 7])
def test_far_too_few_rows_stop_the_night(
    settings: Settings, today: psycopg.Connection, rows: int
) -> None:
    world.deliver(today, "orders", TODAY, rows, world.orders(TODAY))
    stops(settings, "usual volume: raw.orders.(rows of a day)")


def test_far_too_many_rows_stop_the_night_until_a_person_lets_them_pass(
    settings: Settings, today: psycopg.Connection
) -> None:
    world.deliver(today, "orders", TODAY, 400, world.orders(TODAY))
    stops(settings, "usual volume: raw.orders.(rows of a day)")
    gate_checks.passes_when_approved(settings, NIGHT, "raw")


def test_rows_unlike_their_declaration_stop_the_night_and_nobody_can_wave_them_through(
    settings: Settings, today: psycopg.Connection
) -> None:
    world.deliver(today, "orders", TODAY, 40, world.orders(TODAY, status="'invented'"))
    lines = world.order_lines(TODAY, product="null").replace(
        "1 + i % 3", "case when i = 3 then -1 else 1 end"
    )
    world.deliver(today, "order_lines", TODAY, 40, lines)
    digest = approvals.delivered_digest(today, TODAY)
    today.execute(
        "insert into decisions.approvals values (%s, 'raw', %s, 'Joan', 'no')", [TODAY, digest]
    )
    message = stops(
        settings,
        "values as declared: raw.orders.status: ",
        "40 of 40 rows, 100.00%",
        "required values are there: raw.order_lines.product_id",
        "values within declared bounds: raw.order_lines.quantity",
        "1 of 40 rows",
    )
    assert "invented" not in message
    assert "approve" not in message


def test_too_much_quarantine_stops_the_night_until_it_is_replayed(
    settings: Settings, today: psycopg.Connection
) -> None:
    came = world.deliver(today, "orders", TODAY, 40, world.orders(TODAY), rows_quarantined=20)
    stops(settings, "few rows in quarantine: raw.orders")
    values = world.orders(TODAY).replace("'-' || i", "'-r' || i")
    world.deliver(today, "orders", TODAY, 20, values, replay_of=came)
    assert check(settings, NIGHT, "raw")["approved"] is False


def test_a_few_replayed_rows_of_an_old_day_are_no_thin_day(
    settings: Settings, today: psycopg.Connection
) -> None:
    world.deliver_day(today, TODAY)
    ((came,),) = today.execute(
        "select delivery_id from raw.deliveries where feed = 'orders' and delivered_on = %s",
        [world.PUBLISHED],
    ).fetchall()
    values = world.orders(world.PUBLISHED).replace("'-' || i", "'-r' || i")
    world.deliver(today, "orders", world.PUBLISHED, 2, values, replay_of=came)
    assert check(settings, NIGHT, "raw")["approved"] is False


def test_a_handful_of_bad_rows_in_a_small_file_is_no_reason_to_stop(
    settings: Settings, today: psycopg.Connection
) -> None:
    world.deliver(today, "orders", TODAY, 40, world.orders(TODAY), rows_quarantined=19)
    assert check(settings, NIGHT, "raw")["approved"] is False


def test_a_refused_delivery_warns_and_lets_the_night_pass(
    settings: Settings, today: psycopg.Connection
) -> None:
    """What it guards is withheld; the rest of the night goes on."""
    refused = ("orders", "consents", "deaths")
    for feed in refused:
        world.deliver(today, feed, TODAY, 0, "", status="refused")
    warnings = check(settings, NIGHT, "raw")["warnings"]
    for feed in refused:
        assert any(w.startswith(f"no delivery refused: raw.{feed}") for w in warnings)


def test_what_the_ledger_warns_of_stands_in_the_line_and_in_the_message_of_a_stop(
    settings: Settings, today: psycopg.Connection
) -> None:
    world.deliver(today, "orders", TODAY, 41, world.orders(TODAY))
    today.execute(
        "update raw.deliveries set warnings = array['column colour is not declared: not loaded']"
        " where feed = 'orders' and delivered_on = %s",
        [TODAY],
    )
    said = "warning of orders: column colour is not declared: not loaded (1 file)"
    assert said in check(settings, NIGHT, "raw")["warnings"]
    world.deliver(today, "order_lines", TODAY, 40, world.order_lines(TODAY, price="0.00"))
    assert stops(settings, "raw.order_lines").count(f"  warning: {said}\n") == 1


def test_a_night_to_which_nothing_was_ever_delivered_stops(
    settings: Settings, today: psycopg.Connection
) -> None:
    before = Night(world.FIRST - timedelta(days=1))
    world.deliver(today, "orders", before.as_of, 0, "")  # a header alone
    message = gate_checks.stops(settings, before, "raw", "there is something to judge: deliveries")
    assert "approve" not in message


def test_a_first_night_without_any_file_publishes_nothing(
    warehouse_settings: Settings, without_docs: None
) -> None:
    with pytest.raises(GateFailed, match="there is something to judge: deliveries"):
        run_night(warehouse_settings, TODAY)
    with warehouse.connect(warehouse_settings, "admin") as connection:
        row = connection.execute("select count(*) from decisions.publications").fetchone()
    assert row == (0,)
    assert not (warehouse_settings.home / "current").exists()


def test_personal_values_leave_no_trace(
    settings: Settings,
    delivered: psycopg.Connection,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture,
) -> None:
    world.deliver(delivered, "customers", TODAY, 30, world.customers(TODAY, f"'{world.E_MAIL}'"))
    world.deliver(delivered, "orders", TODAY, 41, world.orders(TODAY, customer=f"'{world.E_MAIL}'"))
    message = stops(settings, "raw.orders.customer_id")
    written = [f.read_bytes() for f in docs_folder(settings, NIGHT).rglob("*") if f.is_file()]
    assert len(written) > 5
    assert not any(world.E_MAIL.encode() in content for content in written)
    assert not any(b"postgresql" in content for content in written)
    seen = message + caplog.text + "".join(capfd.readouterr())
    assert world.E_MAIL not in seen
