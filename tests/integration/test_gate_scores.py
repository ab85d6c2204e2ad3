"""The scores gate lets possible values pass and stops impossible or suddenly different ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest

from regulars import warehouse
from regulars.gates.check import check
from regulars.night import Night
from regulars.settings import Settings
from tests.integration import gate_checks

LAST_NIGHT = date(2026, 3, 15)
NIGHT = Night(date(2026, 3, 16))
pytestmark = pytest.mark.usefixtures("without_docs")

TABLES = """
    create schema if not exists marts;
    create schema if not exists scores;
    drop table if exists marts.customer_lifetime_values, marts.customer_purchase_summaries,
        marts.fct_orders, scores.model_runs, scores.model_backtests, scores.model_parameters;
    create table marts.customer_lifetime_values as
    select
        'c' || i as customer_id, 0.8 as probability_alive, 0.6 as purchase_probability_12m,
        0.4 as churn_probability_12m, 1.2 as expected_orders_12m, 30.0 as expected_margin_12m,
        25.0 as net_clv_12m, 31.0 as value_if_active_12m, 40.0 as value_if_kept_12m,
        7.2 as value_at_risk, 6.2 as value_gone, 'active' as lifecycle_status, 'mbg_nbd' as model,
        2.0 as value_given_purchase_p10, 20.0 as value_given_purchase_p50,
        90.0 as value_given_purchase_p90, 60.0 as value_p90, 9.0 as net_sales_given_purchase_p10,
        99.0 as net_sales_given_purchase_p90, 70.0 as net_sales_p90,
        1 as orders_given_purchase_p10, 5 as orders_given_purchase_p90, 3 as orders_p90,
        case when i <= 10 then 'platinum' when i <= 50 then 'gold' when i <= 100 then 'silver'
            when i <= 250 then 'bronze' when i <= 500 then 'standard' else 'basic'
        end as value_tier
    from generate_series(1, 1000) as s(i);
    alter table marts.customer_lifetime_values add column value_tier_tonight text;
    update marts.customer_lifetime_values set value_tier_tonight = value_tier;
    create table marts.customer_purchase_summaries as
    select customer_id from marts.customer_lifetime_values;
    create table marts.fct_orders as
    select 'c' || (i % 1000 + 1) as customer_id, date '2026-03-01' - i / 8 as ordered_on,
        true as is_qualifying, false as is_undecided,
        case when i <= 1000 then 125 end as days_since_previous_purchase
    from generate_series(1, 2000) as s(i);
    create table scores.model_runs as
    select date '2026-03-16' as as_of, date '2026-03-16' as fitted_on, model, true as converged,
        null::text as warnings, model = 'mbg_nbd' as is_champion
    from (values ('mbg_nbd'), ('gamma_gamma')) as m (model);
    create table scores.model_backtests (
        as_of date, origin date, holdout_days int, model text, metric text, value numeric
    );
    insert into scores.model_backtests
    select date '2026-03-16', origin, 182, 'mbg_nbd', metric, value
    from (values (date '2025-06-30'), (date '2025-03-31')) as o (origin)
    cross join (values
        ('expected_total', 950), ('actual_total', 1000), ('bias', -0.05),
        ('calibration_slope', 0.97), ('coverage_90', 0.93), ('net_sales_coverage_80', 0.79)
    ) as m (metric, value);
    create schema if not exists published;
    drop table if exists published.model_runs, published.model_backtests, published.fct_orders;
    create table published.fct_orders as
    select * from marts.fct_orders;
    create table published.model_runs as
    select * from scores.model_runs;
    create table published.model_backtests as
    select * from scores.model_backtests;
    update published.model_runs set as_of = date '2026-03-15', fitted_on = date '2026-03-15';
    update published.model_backtests set as_of = date '2026-03-15';
    create table scores.model_parameters as
    select date '2026-03-16' as as_of, date '2026-03-16' as fitted_on, model, parameter, value
    from (values
        ('mbg_nbd', 'r', 0.5), ('mbg_nbd', 'alpha', 60.0), ('mbg_nbd', 'a', 0.8),
        ('mbg_nbd', 'b', 2.4), ('gamma_gamma', 'p', 6.0), ('gamma_gamma', 'q', 4.0),
        ('gamma_gamma', 'gamma', 15.0)
    ) as m (model, parameter, value);
    delete from decisions.approvals;
    delete from decisions.parameters;
    delete from decisions.publications;
    grant usage on schema marts, scores to regulars_builder;
    grant select on all tables in schema marts to regulars_builder;
    grant select on all tables in schema scores to regulars_builder;
    grant select on all tables in schema published to regulars_builder;
"""
PUBLISHED = """
    insert into decisions.publications values (1, %(as_of)s, 'run', 'digest', 1, '', '');
    insert into decisions.parameters
    select %(as_of)s, 'digest', model, parameter, value, 'run', '' from scores.model_parameters;
"""


@pytest.fixture
def tables(settings: Settings) -> Iterator[psycopg.Connection]:
    """Tables of a sound night, the one before it published; change them to poison."""
    with warehouse.connect(settings, "admin", autocommit=True) as connection:
        connection.execute(TABLES.encode())
        for statement in PUBLISHED.split(";")[:2]:
            connection.execute(statement.encode(), {"as_of": LAST_NIGHT})
        yield connection


def poison(tables: psycopg.Connection, change: str, one: bool = True) -> None:
    where = " where customer_id = 'c77'" if one else ""
    tables.execute(f"update marts.customer_lifetime_values set {change}{where}".encode())


def stops(settings: Settings, *words: str) -> str:
    return gate_checks.stops(settings, NIGHT, "scores", *words)


def test_sound_scores_pass(settings: Settings, tables: psycopg.Connection) -> None:
    result = check(settings, NIGHT, "scores")
    assert result["expectations"] > 25
    assert result["warnings"] == []
    assert result["rows_by_suite"] == {"customer values": 1000, "totals": 1000, "models": 2}
    assert result["rows_judged"] == 2002


def test_a_first_night_has_nothing_to_jump_from(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute("delete from decisions.publications")
    assert check(settings, NIGHT, "scores")["warnings"] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("probability_alive = 1.01", "probabilities within bounds"),
        ("purchase_probability_12m = -0.1, churn_probability_12m = 1.1", "within bounds"),
        ("churn_probability_12m = 0.5", "churn is the rest of purchase"),
        ("net_clv_12m = null", "every value is there: marts.customer_lifetime_values.net_clv_12m"),
        ("expected_orders_12m = 366", "expected orders are possible"),
        ("value_tier = 'diamond'", "known tiers"),
        ("value_given_purchase_p10 = 21", "ranges are in order"),
        ("value_p90 = 91", "ranges are in order"),
        ("value_p90 = -1", "ranges are possible"),
    ],
)
def test_one_impossible_value_stops_the_night(
    settings: Settings, tables: psycopg.Connection, change: str, words: str
) -> None:
    poison(tables, change)
    stops(settings, words, "1 of 1000 rows")


def test_a_customer_without_a_score_stops_the_night(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute("delete from marts.customer_lifetime_values where customer_id = 'c77'")
    stops(settings, "everybody who bought is scored", "observed 1")


NOBODY_VALUED = """
    update marts.fct_orders set is_qualifying = false;
    delete from marts.customer_lifetime_values;
    delete from marts.customer_purchase_summaries;
"""


def test_a_night_in_which_nobody_has_bought_any_more_stops(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute(NOBODY_VALUED.encode())
    message = stops(settings, "there is something to judge: customer values")
    assert "approve" not in message


def test_a_first_night_of_orders_that_may_be_purchases_and_no_other_stops(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute(NOBODY_VALUED.encode())
    tables.execute("delete from decisions.publications")
    tables.execute("update marts.fct_orders set is_undecided = true where customer_id = 'c1'")
    stops(settings, "there is something to judge: customer values")


def test_nobody_is_valued_before_anybody_has_bought(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute(NOBODY_VALUED.encode())
    tables.execute("update published.fct_orders set is_qualifying = false")
    rows = check(settings, NIGHT, "scores")["rows_by_suite"]
    assert (rows["customer values"], rows["models"]) == (0, 2)


def test_far_more_orders_than_so_far_wait_for_a_person(
    settings: Settings, tables: psycopg.Connection
) -> None:
    poison(tables, "expected_orders_12m = 12", one=False)
    message = stops(settings, "expected orders are plausible", "regulars approve --gate scores")
    assert "quarantine" not in message
    gate_checks.passes_when_approved(settings, NIGHT, "scores")


def test_a_repeat_day_counts_whose_first_purchase_has_no_rate(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute(
        "update marts.fct_orders set is_qualifying = false"
        " where days_since_previous_purchase is not null"
    )
    poison(tables, "expected_orders_12m = 12", one=False)
    stops(settings, "expected orders are plausible")


def test_a_company_where_nobody_repeats_is_not_compared(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute("delete from marts.fct_orders where ordered_on < '2025-11-01'")
    tables.execute("update marts.fct_orders set days_since_previous_purchase = null")
    poison(tables, "expected_orders_12m = 0.001", one=False)
    assert check(settings, NIGHT, "scores")["gate"] == "scores"


def test_everybody_platinum_stops_the_night(settings: Settings, tables: psycopg.Connection) -> None:
    poison(tables, "value_tier_tonight = 'platinum'", one=False)
    stops(settings, "tiers keep their shares", "platinum and above")


def test_a_jump_of_the_drop_out_rate_stops_the_night(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute("update decisions.parameters set value = 30 where parameter = 'b'")
    stops(settings, "parameters like last night's", "s / beta a day jumped")


NOBODY_LEFT = """
    update {} set value = case parameter when 'a' then 0.0001 else 10000 end
    where parameter in ('a', 'b')
"""


def test_of_two_nights_by_which_nobody_leaves_neither_jumps(
    settings: Settings, tables: psycopg.Connection
) -> None:
    """Where drop-out is not identified its parameters end near a bound, not at one value."""
    for table in ("decisions.parameters", "scores.model_parameters"):
        tables.execute(NOBODY_LEFT.format(table).encode())
    tables.execute("update decisions.parameters set value = 4000 where parameter = 'b'")
    assert check(settings, NIGHT, "scores")["gate"] == "scores"


def test_who_begins_to_leave_where_nobody_did_is_a_jump(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute(NOBODY_LEFT.format("decisions.parameters").encode())
    stops(settings, "parameters like last night's", "s / beta a day jumped")


def test_parameters_that_wander_along_a_ridge_pass(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute(
        "update decisions.parameters set value = value * 40 where parameter in ('a','b')"
    )
    assert check(settings, NIGHT, "scores")["gate"] == "scores"


def test_nights_far_apart_are_not_compared(settings: Settings, tables: psycopg.Connection) -> None:
    tables.execute("update decisions.parameters set value = 30 where parameter = 'b'")
    for table in ("parameters", "publications"):
        tables.execute(
            f"update decisions.{table} set as_of = %s".encode(), [LAST_NIGHT - timedelta(days=30)]
        )
    assert check(settings, NIGHT, "scores")["gate"] == "scores"


def test_a_fit_that_failed_in_silence_stops_the_night(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute("update scores.model_runs set converged = false where model = 'mbg_nbd'")
    stops(settings, "a failed fit says so")


def test_a_fit_that_says_why_it_failed_warns(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute("update scores.model_runs set converged = false, warnings = 'one purchase only'")
    warnings = check(settings, NIGHT, "scores")["warnings"]
    assert [w.split(":")[0] for w in warnings] == ["fits converge"]


def test_a_backtest_far_off_warns(settings: Settings, tables: psycopg.Connection) -> None:
    tables.execute("update scores.model_backtests set value = 300 where metric = 'actual_total'")
    warnings = check(settings, NIGHT, "scores")["warnings"]
    assert [w.split(":")[0] for w in warnings] == ["the backtest is calibrated"]


@pytest.mark.parametrize(
    ("metric", "move", "words"),
    [
        ("bias", 0.12, "expected ÷ actual purchases moved at an origin"),
        ("calibration_slope", -0.2, "slope of actual on expected purchases moved"),
        ("coverage_90", -0.06, "share of outcomes inside the 90% interval moved"),
        ("net_sales_coverage_80", -0.12, "share of buyers' spend inside P10 to P90 moved"),
    ],
)
def test_calibration_that_jumps_at_an_origin_waits_for_a_person(
    settings: Settings, tables: psycopg.Connection, metric: str, move: float, words: str
) -> None:
    tables.execute(
        "update scores.model_backtests set value = value + %s"
        " where metric = %s and origin = '2025-03-31'",
        [move, metric],
    )
    stops(settings, "calibration like last night's", words, "regulars approve --gate scores")


def test_calibration_at_an_origin_that_last_night_did_not_judge_is_not_compared(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute("update published.model_backtests set value = 0 where origin = '2025-06-30'")
    tables.execute("update published.model_backtests set origin = '2024-12-31' where value = 0")
    assert check(settings, NIGHT, "scores")["gate"] == "scores"


def test_another_champion_warns_and_its_parameters_are_not_compared(
    settings: Settings, tables: psycopg.Connection
) -> None:
    for table in ("runs", "parameters", "backtests"):
        tables.execute(
            f"update scores.model_{table} set model = 'pareto_nbd' where model = 'mbg_nbd'".encode()
        )
    tables.execute(
        "update scores.model_parameters set parameter = 's', value = 9 where parameter = 'a'"
    )
    warnings = check(settings, NIGHT, "scores")["warnings"]
    assert [w.split(":")[0] for w in warnings] == ["the model is last night's"]


def test_a_missing_column_stops_the_night_without_quoting_the_database(
    settings: Settings, tables: psycopg.Connection
) -> None:
    tables.execute("alter table marts.customer_lifetime_values rename value_gone to gone")
    message = stops(settings, "every check can run: marts.customer_lifetime_values: could not be")
    assert message.count("every check can run") == 1
