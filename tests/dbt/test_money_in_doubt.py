"""Purchases that nobody knows the worth of, lines that were taken off, and credits."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest

from regulars.engines.dbt_results import TransformError
from regulars.engines.postgres import run_dbt
from regulars.feeds import largest_amounts, raw_tables
from regulars.night import Night
from regulars.settings import PROJECT
from tests.conftest import drop_database
from tests.dbt.delivered_world import FULL, World, customer, line, open_world, order, refund

BEFORE, NIGHT = "2026-03-09", "2026-03-10"
MODELS = ("customer_purchase_summaries", "dim_customers", "fct_order_lines", "fct_refunds")
NO_TESTS = ["--resource-type", "model"]
MONEY = ["--select", "assert_money_in_raw_is_money_in_marts"]
FIRST, LATER = "2026-01-05", "2026-03-01"
PEOPLE = ("euro-then-pound", "pound-alone", "pounds-back", "small-letters", "taken-off",
          "all-taken-off", "credited", "given-away", "dollars", "dollars-back",
          "dollars-later", "dollars-twice")  # fmt: skip


def sold(world: World, who: str, at: str = FIRST, price: float = 50, **facts: object) -> None:
    """An order of one line of two units."""
    name = f"{who}-{at}"
    world.deliver(at, "orders", [order(name, who, at, **facts)])
    world.deliver(at, "order_lines", [line(name, 1, "p1", at, unit_price=price)])


@pytest.fixture(scope="module")
def nights(make_world: Callable) -> Iterator[tuple[World, dict[str, object]]]:
    """The world after its last night, and what was seen before a rate came."""
    settings = make_world("money_in_doubt")
    with open_world(settings) as connection:
        world = World(settings, connection, *MODELS)
        world.deliver(FIRST, "customers", [customer(who) for who in PEOPLE])
        for who in ("euro-then-pound", "taken-off", "all-taken-off", "credited"):
            sold(world, who)
        sold(world, "given-away", price=5)
        sold(world, "euro-then-pound", LATER, currency="GBP")
        sold(world, "pound-alone", currency="GBP")
        sold(world, "pounds-back", currency="XXX")
        world.deliver(LATER, "refunds", [refund("r1", f"pounds-back-{FIRST}", LATER, 100)])
        sold(world, "small-letters", currency="eur")
        sold(world, "dollars", currency="USD", shipping_cost=10)
        sold(world, "dollars-back", currency="usd")
        sold(world, "dollars-later", LATER, currency="USD")
        sold(world, "dollars-twice", currency="USD", price=9.99)
        world.deliver(FIRST, "fx_rates", [{"date": "2026-01-02", "currency": "USD", "rate": 0.875}])
        back = refund("r2", f"dollars-back-{FIRST}", LATER, 100)
        world.deliver("2026-03-02", "refunds", [back])
        lines_change(world)
        world.build(BEFORE)
        seen: dict[str, object] = {"without a rate": history(world, "dollars-later")}
        world.deliver(NIGHT, "fx_rates", [{"date": LATER, "currency": "USD", "rate": 0.75}])
        seen["mode"] = world.build(NIGHT)
        world.build(NIGHT, FULL)
        yield world, seen
    drop_database(settings)


@pytest.fixture(scope="module")
def world(nights: tuple[World, dict[str, object]]) -> World:
    return nights[0]


def lines_change(world: World) -> None:
    further = [
        line(f"dollars-twice-{FIRST}", 2, "p1", FIRST, unit_price=3.33),
        line(f"taken-off-{FIRST}", 2, "p1", FIRST),
        line(f"credited-{FIRST}", 2, "credit", FIRST, quantity=1, unit_price=-30),
        line(f"given-away-{FIRST}", 2, "credit", FIRST, quantity=1, unit_price=-10),
    ]
    world.deliver(FIRST, "order_lines", further, revision=1)
    off = [
        line(f"taken-off-{FIRST}", 2, "p1", LATER, quantity=0),
        line(f"all-taken-off-{FIRST}", 1, "p1", LATER, quantity=0),
    ]
    world.deliver(LATER, "order_lines", off, revision=1)


def history(world: World, who: str) -> tuple:
    """(relationship, frequency, valued purchase days, monetary value)."""
    return world.one(
        """
        select relationship_status, frequency, valued_purchase_days, monetary_value::float
        from marts.dim_customers
        left join marts.customer_purchase_summaries using (customer_id)
        where customer_id = %s
        """,
        who,
    )


def test_an_order_without_a_rate_makes_a_customer_and_no_money(world: World) -> None:
    assert history(world, "euro-then-pound") == ("customer", 1, 1, 100.0)
    net_sales = world.one(
        "select sum(net_sales)::float from marts.customer_purchase_summaries"
        " where customer_id in ('euro-then-pound', 'pound-alone')"
    )
    assert net_sales == (100.0,)


def test_who_bought_without_a_rate_alone_is_a_trial_user_of_unknown_value(world: World) -> None:
    assert history(world, "pound-alone") == ("trial", 0, 0, None)


def test_who_gave_it_all_back_without_a_rate_has_returned_it(world: World) -> None:
    assert history(world, "pounds-back") == ("returned_trial", None, None, None)


def test_what_was_paid_in_another_currency_counts_by_the_rate_of_its_day(world: World) -> None:
    assert history(world, "dollars") == ("trial", 0, 1, 87.5)
    assert world.one(
        "select exchange_rate::float, shipping_cost::float, payment_fee::float"
        " from marts.fct_orders where customer_id = 'dollars'"
    ) == (0.875, 8.75, 0.88)


def test_a_refund_goes_by_the_rate_of_its_sale(world: World) -> None:
    assert history(world, "dollars-back") == ("returned_trial", None, None, None)
    assert world.one("select amount::float from marts.fct_refunds where refund_id = 'r2'") == (
        87.5,
    )


def test_a_rate_that_comes_later_values_the_purchase_that_waited_for_it(
    nights: tuple[World, dict[str, object]],
) -> None:
    """In an incremental build, whose tables equal a full one's."""
    world, seen = nights
    assert seen == {"without a rate": ("trial", 0, 0, None), "mode": "incremental"}
    assert history(world, "dollars-later") == ("trial", 0, 1, 75.0)
    assert world.differences() == {}


def test_currency_codes_are_compared_without_case(world: World) -> None:
    assert history(world, "small-letters") == ("trial", 0, 1, 100.0)


def test_a_line_of_quantity_zero_is_off_the_order(world: World) -> None:
    assert history(world, "taken-off") == ("trial", 0, 1, 100.0)
    assert history(world, "all-taken-off")[0] == "prospect"


def test_a_credit_lowers_sales_and_costs_nothing(world: World) -> None:
    assert history(world, "credited") == ("trial", 0, 1, 70.0)
    assert history(world, "given-away")[0] == "prospect"
    costs = world.one(
        "select cost_of_goods::float from marts.fct_order_lines where product_id = 'credit'"
        " and order_id = %s",
        f"credited-{FIRST}",
    )
    assert costs == (0.0,)


# ---------- a feed that is complete by order


@pytest.fixture(scope="module")
def complete(make_settings: Callable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Order lines as the house declares them, but complete by order; staging alone is built."""
    project = tmp_path_factory.mktemp("complete")
    kept_out = shutil.ignore_patterns("target", "logs")
    shutil.copytree(PROJECT / "dbt_project", project / "dbt_project", ignore=kept_out)
    declared = project / "dbt_project/models/staging/house/_house__sources.yml"
    key = "key: [order_id, line_no]"
    text = declared.read_text()
    assert text.count(key) == 1
    declared.write_text(text.replace(key, f"{key}\n              complete_by: [order_id]"))
    settings = make_settings("complete", project=project)
    raw_tables.migrate(settings)
    with open_world(settings) as connection:
        yield World(settings, connection)
    drop_database(settings)


def lines(world: World, as_of: str) -> set[tuple]:
    """(order_id, line_no) that count, after a night like any other."""
    selection = ["--select", "stg_deliveries", "stg_house__order_lines"]
    run_dbt(world.settings, Night(date.fromisoformat(as_of)), [*selection, *NO_TESTS], "lines")
    rows = world.connection.execute("select order_id, line_no from staging.stg_house__order_lines")
    world.connection.execute(
        "insert into ops.built_deliveries (prefix, delivery_id)"
        " select '', delivery_id from raw.deliveries on conflict do nothing"
    )
    return set(rows.fetchall())


def test_a_line_that_is_gone_from_a_complete_order_is_off_it(complete: World) -> None:
    both = [line(order, n, "p1", FIRST) for order in ("shrinks", "stays") for n in (1, 2)]
    complete.deliver(FIRST, "order_lines", both)
    assert len(lines(complete, FIRST)) == 4
    complete.deliver(LATER, "order_lines", [line("shrinks", 2, "p1", LATER)])
    assert lines(complete, LATER) == {("shrinks", 2), ("stays", 1), ("stays", 2)}
    late = [line("stays", n, "p1", "2026-01-02") for n in (1, 2, 3)]
    complete.deliver("2026-01-02", "order_lines", late)
    assert lines(complete, NIGHT) == {("shrinks", 2), ("stays", 1), ("stays", 2)}


@pytest.mark.parametrize("column", ["gross_sales", "discount"])
def test_a_line_in_another_currency_that_takes_from_its_neighbour_is_found(
    world: World, column: str
) -> None:
    """Its order's total stays as it was."""
    move = f"""
        update marts.fct_order_lines
        set {column} = {column} + case line_no when 1 then %s else -%s end
        where order_id = 'dollars-twice-{FIRST}'
    """
    run_dbt(world.settings, Night(date.fromisoformat(NIGHT)), MONEY, "money")
    world.connection.execute(move, [0.05, 0.05])  # type: ignore[arg-type]
    with pytest.raises(TransformError, match="assert_money"):
        run_dbt(world.settings, Night(date.fromisoformat(NIGHT)), MONEY, "money")
    world.connection.execute(move, [-0.05, -0.05])  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["credited", "dollars"])
@pytest.mark.parametrize("column", ["gross_sales", "discounts", "shipping_cost"])
def test_an_order_that_is_a_cent_off_is_found_with_a_rate_and_without(
    world: World, who: str, column: str
) -> None:
    off = f"update marts.fct_orders set {column} = {column} + %s where order_id = '{who}-{FIRST}'"
    world.connection.execute(off, [0.01])  # type: ignore[arg-type]
    with pytest.raises(TransformError, match="assert_money"):
        run_dbt(world.settings, Night(date.fromisoformat(NIGHT)), MONEY, "money")
    world.connection.execute(off, [-0.01])  # type: ignore[arg-type]
    run_dbt(world.settings, Night(date.fromisoformat(NIGHT)), MONEY, "money")


LARGEST = Decimal("9999999999.99")


@pytest.mark.parametrize(("orders", "fits"), [(100, True), (101, False)])
def test_a_hundred_of_the_largest_orders_add_up_and_one_more_is_told_with_its_feed(
    make_world: Callable, orders: int, fits: bool
) -> None:
    settings = make_world(f"largest_{orders}")
    names = [f"largest-{n}" for n in range(orders)]
    with open_world(settings) as connection:
        world = World(settings, connection, "customer_purchase_summaries")
        world.deliver(FIRST, "customers", [customer("a")])
        world.deliver(FIRST, "orders", [order(name, "a", FIRST) for name in names])
        lines = [line(n, 1, "p1", FIRST, quantity=1, unit_price=LARGEST) for n in names]
        world.deliver(FIRST, "order_lines", lines)
        if fits:
            world.build(BEFORE)
            return
        with pytest.raises(TransformError, match=largest_amounts.OVERFLOW):
            world.build(BEFORE)
    assert f"raw.order_lines: {orders} rows" in largest_amounts.advice(settings)
