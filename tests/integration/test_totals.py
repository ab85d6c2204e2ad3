"""Totals of the marts with money that no model expects, from the marts and from the delivered rows:
money, points, people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

import pandas as pd
import pytest
import yaml

from regulars import warehouse
from regulars.settings import PROJECT, Settings
from tests.company import LAST_NIGHT
from tests.integration.second_books import Books, cents, month_of

MINUTE = 60  # cents of an agent's minute, as dbt_project.yml has it
FAILURES = {"complaint", "repair", "warranty_claim"}
# The catalogue's prices; what the night says of itself; of which a company of two years has none
# (test_revenue_retention).
NO_TOTALS = {"dim_products", "night_holds", "revenue_retention"}
Totals = tuple[int, ...]
ANSWERS: dict[str, tuple[str, Callable[[Books], Totals]]] = {}


def totals(mart: str, query: str) -> Callable:
    """query: amounts in cents and counts, one row."""

    def register(answer: Callable[[Books], Totals]) -> Callable:
        ANSWERS[mart] = query, answer
        return answer

    return register


@pytest.fixture(scope="module")
def books(company: Settings) -> Iterator[Books]:
    with warehouse.connect(company, "admin") as connection:
        yield Books(connection, LAST_NIGHT, {})


# ---------- orders


def valued(books: Books) -> pd.DataFrame:
    return books.purchases[books.purchases["is_valued"]]


@totals(
    "fct_orders",
    "select count(*), 100 * sum(net_sales), 100 * sum(contribution_margin) from {}"
    " where is_qualifying",
)
def _orders(books: Books) -> Totals:
    bought = valued(books)
    return len(bought), bought["net"].sum(), bought["margin"].sum()


@totals(
    "fct_order_lines",
    "select sum(quantity), 100 * sum(net_sales), 100 * sum(cost_of_goods) from {} as lines"
    " where exists (select 1 from published.fct_orders as orders"
    " where orders.order_id = lines.order_id and orders.is_qualifying)",
)
def _lines(books: Books) -> Totals:
    lines = books.lines.reset_index(drop=True)
    lines = lines[lines["order_id"].isin(valued(books)["order_id"])]
    return (
        lines["quantity"].sum(),
        (lines["sale"] - lines["refunded"]).sum(),
        lines["cost"].sum(),
    )


@totals(
    "fct_refunds",
    "select count(*), 100 * sum(amount - excess_amount), 100 * sum(handling_cost) from {}"
    " where not is_held",
)
def _refunds(books: Books) -> Totals:
    counted = books.refunds[~books.refunds["is_held"]]
    return len(counted), counted["counted"].sum(), cents(counted["handling_cost"]).sum()


@totals(
    "customer_purchase_summaries",
    "select count(*), sum(purchase_days), 100 * sum(net_sales), 100 * sum(contribution_margin)"
    " from {}",
)
def _summaries(books: Books) -> Totals:
    return (
        len(books.people),
        books.people["days"].sum(),
        valued(books)["net"].sum(),
        valued(books)["margin"].sum(),
    )


@totals(
    "cohort_months",
    "select sum(orders), 100 * sum(net_sales), 100 * sum(contribution_margin),"
    " 100 * sum(case when cohort_by = 'second' then contribution_margin end) from {}",
)
def _cohorts(books: Books) -> Totals:
    both = pd.concat([books.purchases, _since_second(books.purchases)])
    again = _since_second(books.accounts)["margin"].sum()
    return len(both), both["net"].sum(), books.accounts["margin"].sum() + again, again


def _since_second(orders: pd.DataFrame) -> pd.DataFrame:
    return orders[orders["second"].notna() & (orders["on"] >= orders["second"].fillna(LAST_NIGHT))]


@totals(
    "cohort_segment_months",
    "select sum(active_customers), 100 * sum(net_sales), 100 * sum(last_margin) from ("
    " select active_customers, net_sales, case when age_month = max(age_month) over ("
    " partition by segment_by, segment, cohort_month) then cumulative_margin end as last_margin"
    " from {}) as months",
)
def _segments(books: Books) -> Totals:
    """By first category: the company's orders name no channel that brought somebody."""
    bought = books.purchases.sort_values(["on", "ordered_at", "order_id"])
    firsts = bought.drop_duplicates("customer_id")
    named = books.lines[books.lines["category"].notna()]["order_id"]
    known = set(firsts[firsts["order_id"].isin(named)]["customer_id"])
    bought = bought[bought["customer_id"].isin(known)]
    active = bought.drop_duplicates(["customer_id", "age"])
    accounts = books.accounts[books.accounts["customer_id"].isin(known)]
    return len(active), bought["net"].sum(), accounts["margin"].sum()


@totals(
    "customer_category_shares",
    "select count(*), 100 * sum(net_sales) from {} where net_sales > 0",
)
def _categories(books: Books) -> Totals:
    again = books.people[books.people["days"] >= 2].index
    bought = valued(books)
    whose = bought[bought["customer_id"].isin(again)].set_index("order_id")["customer_id"]
    lines = books.lines[books.lines["category"].notna()].reset_index(drop=True)
    lines["customer"] = lines["order_id"].map(whose)
    lines["net"] = lines["sale"] - lines["refunded"]
    sums = lines.groupby(["customer", "category"])["net"].sum()
    return (sums > 0).sum(), sums[sums > 0].sum()


@totals(
    "customer_referrals",
    "select count(brought_by_customer_id), 100 * sum(brought_margin) from {}",
)
def _referrals(books: Books) -> Totals:
    brought = books.current("referrals", ["referral_id"], "referred_at")["referred_customer_id"]
    counted = books.orders[books.orders["is_counted"]]
    margins = counted.groupby("customer_id")["margin"].sum()
    return len(brought), brought.map(margins).fillna(0).sum()


# ---------- the company


@totals(
    "company_months",
    "select sum(orders), 100 * sum(net_sales), 100 * sum(contribution_margin), sum(newcomers),"
    " sum(became_customers), sum(cases), 100 * sum(service_cost), 100 * sum(acquisition_spend)"
    " from {}",
)
def _company(books: Books) -> Totals:
    bought, first = books.purchases, month_of(books.people["first"].min())
    cases, spend = books.cases, books.spend
    cases = cases[cases["on"] >= first]
    counted = books.orders[books.orders["is_counted"] & (books.orders["on"] >= first)]
    return (
        len(bought),
        bought["net"].sum(),
        counted["margin"].sum(),
        len(books.people),
        books.people["second"].notna().sum(),
        len(cases),
        costs(cases).sum(),
        spend[spend["month"] >= first]["cents"].sum(),
    )


@totals(
    "acquisition_costs",
    "select 100 * sum(case when channel = '(all)' then spend end),"
    " 100 * sum(case when channel <> '(all)' then spend end),"
    " sum(case when channel = '(all)' then newcomers end) from {}",
)
def _acquisition(books: Books) -> Totals:
    return books.spend["cents"].sum(), books.spend["cents"].sum(), len(books.people)


@totals(
    "product_performance",
    "select sum(sold_quantity), sum(returned_quantity), 100 * sum(sales),"
    " 100 * sum(refunded_amount), sum(cases), sum(repairs), 100 * sum(service_cost) from {}",
)
def _products(books: Books) -> Totals:
    lines = books.sold_lines
    back = books.refunds[~books.refunds["is_held"]]
    pairs = set(zip(lines["order_id"], lines["line_no"], strict=True))
    back = back[[pair in pairs for pair in zip(back["order_id"], back["line_no"], strict=True)]]
    cases = books.cases[books.cases["product_id"].isin(books.products.index)]
    return (
        lines["quantity"].sum(),
        back["quantity"].fillna(0).sum(),
        lines["sale"].sum(),
        lines["refunded"].sum(),
        len(cases),
        cases["kind"].isin(["repair", "warranty_claim"]).sum(),
        costs(cases).sum(),
    )


# ---------- service


def costs(cases: pd.DataFrame) -> pd.Series:
    """Cents of a case: minutes of its agents, and goodwill."""
    return MINUTE * cases["agent_minutes"].fillna(0).astype(int) + cents(cases["goodwill_cost"])


@totals("fct_service_cases", "select count(*), 100 * sum(service_cost) from {}")
def _cases(books: Books) -> Totals:
    return len(books.cases), costs(books.cases).sum()


@totals("case_causes", "select sum(cases), 100 * sum(service_cost) from {}")
def _causes(books: Books) -> Totals:
    return _cases(books)


@totals(
    "customer_service_summaries",
    "select 100 * sum(service_cost_90d), 100 * sum(service_cost_365d) from {}",
)
def _served(books: Books) -> Totals:
    cases = books.cases[books.cases["customer_id"].isin(books.customers)]
    days = [(books.as_of - day).days for day in cases["on"]]
    within = costs(cases).to_numpy()
    return (
        sum(c for c, d in zip(within, days, strict=True) if d < 90),
        sum(c for c, d in zip(within, days, strict=True) if d < 365),
    )


# ---------- units and points


@totals(
    "fct_units",
    "select count(*), 100 * sum(service_cost) from {} where known_by <> 'order_line'",
)
def _units(books: Books) -> Totals:
    """Every case about a unit of the sample company names its serial."""
    units = books.current("units", ["product_id", "serial"], "updated_at")
    cases = books.cases
    known = [pair in units.index for pair in zip(cases["product_id"], cases["serial"], strict=True)]
    return len(units), costs(cases[known]).sum()


@totals(
    "customer_ownership",
    "select count(*), sum(units_owned), 100 * sum(service_cost) from {}",
)
def _owned(books: Books) -> Totals:
    units = books.units[books.units["retired_on"].isna()]
    owned = set(zip(units["product_id"], units["serial"], strict=True))
    pairs = zip(books.cases["product_id"], books.cases["serial"], strict=True)
    cases = books.cases[[pair in owned for pair in pairs]]
    return units["customer_id"].nunique(), len(units), costs(cases).sum()


@totals("fct_unit_owners", "select count(*), count(*) filter (where owner_no > 1) from {}")
def _owners(books: Books) -> Totals:
    """By person, in the order of what was told."""
    told = books.versions("units", "updated_at")
    turns = again = 0
    for _, of in told.groupby(["product_id", "serial"]):
        owners = of["customer_id"].tolist()
        changes = sum(a != b for a, b in pairwise(owners))
        turns, again = turns + 1 + changes, again + changes
    return turns, again


@totals("customer_loyalty", "select count(*), sum(balance), sum(tier_points) from {}")
def _loyalty(books: Books) -> Totals:
    ledger = books.current("loyalty", ["entry_id"], "booked_at").reset_index(drop=True)
    ledger = ledger[ledger["customer_id"].isin(books.customers)]
    day = pd.to_datetime(ledger["booked_at"], utc=True).dt.tz_convert("Europe/Amsterdam").dt.date
    recent = ledger[(day > books.as_of - timedelta(days=365))]
    recent = recent[recent["kind"].isin(["earned", "reversed"])]
    tier = recent.groupby("customer_id")["points"].sum().clip(lower=0)
    return ledger["customer_id"].nunique(), ledger["points"].sum(), tier.sum()


# ---------- the claims


def test_every_mart_with_money_that_no_model_expects_has_its_totals_here() -> None:
    models = [
        model
        for folder in ("core", "company", "relationship", "ownership", "service")
        for file in (PROJECT / "dbt_project/models/marts" / folder).glob("_*__models.yml")
        for model in yaml.safe_load(file.read_text())["models"]
    ]
    with_money = {
        model["name"]
        for model in models
        if model.get("config", {}).get("meta", {}).get("published")
        and any(str(column["data_type"]).endswith(", 2)") for column in model["columns"])
    }
    assert len(with_money) > 10
    assert with_money - NO_TOTALS <= ANSWERS.keys()


@pytest.mark.parametrize("mart", sorted(ANSWERS))
def test_a_marts_totals_are_those_of_the_delivered_rows(
    company: Settings, books: Books, mart: str
) -> None:
    query, answer = ANSWERS[mart]
    with warehouse.connect(company, "analyst") as connection:
        found = connection.execute(query.format(f"published.{mart}").encode()).fetchone()
    assert found is not None
    wanted = answer(books)
    assert tuple(map(int, found)) == tuple(map(int, wanted))
    assert all(wanted), "a total of nothing proves nothing"
