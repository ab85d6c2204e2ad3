"""Why a value is another than last night, on the sample company's two nights."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.rows import dict_row

from regulars import cli, warehouse
from regulars.commands.why import STORY
from regulars.settings import Settings
from tests.company import LAST_NIGHT
from tests.integration.bridge_checks import faults, published_values

MOVING = {"time", "purchases", "new_customers", "averages", "refit"}


def rows(settings: Settings, query: str, role: str = "transformer") -> list[tuple]:
    with warehouse.connect(settings, role) as connection:
        return connection.execute(query.encode()).fetchall()


def test_the_bridge_leads_from_what_was_published_to_what_is_to_the_cent(
    company: Settings, company_before: Settings
) -> None:
    assert faults(company, published_values(company_before)) == []


def test_a_night_moves_values_by_every_cause_that_it_has(company: Settings) -> None:
    amounts = dict(
        rows(company, "select part, amount from published.value_bridge where scope = 'company'")
    )
    assert {part for part in MOVING if amounts[part] == 0} == set()
    assert amounts["time"] < 0 < amounts["new_customers"]
    assert amounts["assumptions"] == amounts["tier_moves"] == 0


def test_the_first_night_has_nothing_to_compare_with(company_before: Settings) -> None:
    for table in ("value_bridge", "customer_value_changes"):
        assert rows(company_before, f"select count(*) from published.{table}") == [(0,)]
    page = (company_before.home / "current" / "report.html").read_text(encoding="utf-8")
    assert "Nothing to compare with yet" in page


def test_the_first_screen_shows_the_companys_parts(company: Settings) -> None:
    page = (company.home / "current" / "report.html").read_text(encoding="utf-8")
    section = page[page.index('id="bridge"') : page.index('id="today"')]
    (now,) = rows(company, "select sum(net_clv_12m) from published.customer_lifetime_values")[0]
    assert f"€{now:,.2f}" in section
    assert "New customers" in section


def test_only_whose_value_is_explained_otherwise_adds_to_the_history(company: Settings) -> None:
    logged = dict(
        rows(
            company,
            "select is_first, count(*) from (select as_of = min(as_of) over () as is_first"
            " from decisions.effective_customer_value_inputs) as nights group by is_first",
        )
    )
    ((spans, people),) = rows(
        company,
        "select count(*), count(distinct customer_id) from published.customer_value_history",
    )
    assert 0 < logged[False] < logged[True] / 5
    assert people <= spans <= logged[True] + logged[False]


def test_the_open_history_is_tonights_inputs(company: Settings) -> None:
    columns = "customer_id, segment, purchase_days, net_sales, goods_margin, ordinary_cost"
    history, inputs = (
        set(rows(company, f"select {columns} from {source}"))
        for source in (
            "published.customer_value_history where valid_to is null",
            "intermediate.int_customer_value_inputs where purchase_days > 0",
        )
    )
    assert history == inputs


def test_a_months_last_night_keeps_everybodys_value(
    company: Settings, company_before: Settings
) -> None:
    kept = dict(
        rows(
            company,
            "select customer_id, net_clv_12m from published.customer_month_values"
            f" where month_end = '{LAST_NIGHT}' and valued_on = month_end",
        )
    )
    assert kept == published_values(company)
    assert rows(company_before, "select count(*) from published.customer_month_values") == [(0,)]


def test_month_ends_of_two_years_are_shown_and_no_older_one(company: Settings) -> None:
    with warehouse.connect(company, "admin") as connection:
        connection.execute(
            "insert into decisions.customer_month_values"
            " (generation, as_of, month_end, customer_id, net_clv_12m, value_tier)"
            " select generation, as_of, m, 'C' || m, 1, 'gold'"
            " from (select * from published.generation order by generation limit 1) as first"
            " cross join unnest(array[date '2024-10-31', date '2024-11-30']) as m"
        )
        shown = connection.execute(
            "select month_end from published.customer_month_values where customer_id like 'C2024%'"
        ).fetchall()
        connection.rollback()
    assert shown == [(date(2024, 11, 30),)]


def asked(settings: Settings, *words: str) -> list[str]:
    result = CliRunner().invoke(cli.cli, ["why", *words], env=settings.to_env())
    if result.exception:
        raise result.exception
    return result.output.splitlines()


def a_customer(settings: Settings, condition: str) -> str:
    query = f"select customer_id from published.customer_value_changes where {condition} limit 1"
    return str(rows(settings, query)[0][0])


def test_why_prints_a_persons_bridge_and_story(company: Settings) -> None:
    who = a_customer(company, "not is_new and purchases_amount <> 0")
    told = asked(company, who)
    assert told[0] == f"{who}, night of 31 October 2026"
    end = next(i for i, line in enumerate(told) if line.startswith("  tonight"))
    before, *moved, now = (euros(line) for line in told[2 : end + 1])
    assert before + sum(moved) == now
    assert 3 <= len(told[end + 1 :]) <= 10


def euros(line: str) -> Decimal:
    found = re.search(r"([+\u2212]?)€(-?[0-9,]+\.[0-9]{2})$", line)
    assert found, line
    amount = Decimal(found[2].replace(",", ""))
    return -amount if found[1] == "\u2212" else amount


def test_why_names_nobody_but_by_the_id(company: Settings) -> None:
    who = a_customer(company, "not is_new")
    told = " ".join(asked(company, who)).lower()
    ((personal,),) = rows(
        company,
        "select array_remove(array[email, first_name, last_name, phone], null)"
        f" from pii.customer_contacts where customer_id = '{who}'",
        "admin",
    )
    assert personal
    assert [word for word in personal if word.lower() in told] == []


def test_why_shows_a_role_what_it_may_see(company: Settings) -> None:
    who = a_customer(company, "not is_new")
    assert asked(company, who, "--role", "analyst") == asked(company, who)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        asked(company, who, "--role", "marketing")


def test_why_knows_that_what_ended_on_no_day_is_owned_no_more(company: Settings) -> None:
    with warehouse.connect(company, "admin") as connection:
        cursor = connection.cursor(row_factory=dict_row)
        who = cursor.execute(
            "update published.fct_units set status = 'retired', retired_how = 'recycled'"
            " where status = 'owned' and customer_id <> '(unknown)' returning customer_id"
        ).fetchone()
        told = cursor.execute(STORY, {"customer": who and who["customer_id"]}).fetchone()
        connection.rollback()
    assert told is not None
    assert told["units"] is None


def test_why_adds_no_refund_of_an_order_without_a_rate(company: Settings) -> None:
    """Its amount stands in the order's own currency."""
    with (
        warehouse.connect(company, "admin") as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        one = cursor.execute(
            "select order_id, customer_id from published.fct_refunds"
            " where not is_held and customer_id <> '(unknown)' limit 1"
        ).fetchone()
        assert one is not None
        before = cursor.execute(STORY, {"customer": one["customer_id"]}).fetchone()
        cursor.execute(
            "update published.fct_orders set exchange_rate = null where order_id = %s",
            [one["order_id"]],
        )
        refunds = cursor.execute(
            "select count(*) as number, sum(amount) as amount from published.fct_refunds"
            " where not is_held and order_id = %s",
            [one["order_id"]],
        ).fetchone()
        after = cursor.execute(STORY, {"customer": one["customer_id"]}).fetchone()
        connection.rollback()
    assert before is not None
    assert after is not None
    assert refunds is not None
    assert before["refunds_without_rate"] == 0
    assert after["refunds_without_rate"] == refunds["number"]
    assert before["refunds"] - after["refunds"] == refunds["number"]
    assert before["refunded_amount"] - (after["refunded_amount"] or 0) == refunds["amount"]


def test_why_says_of_the_dead_that_they_have_died(company: Settings) -> None:
    ((who,), *_) = rows(
        company,
        "select dead.customer_id from published.customer_lifetime_values as worth"
        " inner join raw.deaths as dead using (customer_id) where dead.is_withdrawn is not true",
        "admin",
    )
    assert any(line.startswith("Has died: no list will have them.") for line in asked(company, who))


def test_why_of_a_prospect_says_that_there_is_nothing_yet(company: Settings) -> None:
    ((who,), *_) = rows(
        company,
        "select customer_id from published.dim_customers where relationship_status = 'prospect'",
    )
    assert asked(company, who)[1] == "Net value over 12 months: nothing to compare with yet."
