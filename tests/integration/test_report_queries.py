"""What the report reads: counts and sums from a real warehouse, against numbers made by hand.

The tables hold only the columns the report reads; a whole night with dbt's own tables is in
test_night.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest

from regulars.feeds import raw_tables
from regulars.gates import holds
from regulars.gates.approvals import delivered_digest
from regulars.gates.data_docs import docs_folder
from regulars.gates.hold import Hold
from regulars.night import Night
from regulars.report.queries import (
    bridges,
    customers,
    deliveries,
    earned,
    excess,
    model_check,
    read_report,
    tonight,
)
from regulars.report.report_files import write_report
from regulars.report.report_page import render
from regulars.report.sections import (
    CohortMonth,
    Gate,
    KeepAgainstWin,
    Movement,
    NextOrders,
    Pair,
    Payback,
    Reason,
    Refusal,
    ValueBin,
)
from regulars.settings import PROJECT, Settings
from regulars.warehouse import connect
from tests.conftest import drop_database

AS_OF = date(2026, 10, 31)
BEFORE = date(2026, 10, 30)
NIGHT = Night(AS_OF)
DBT_PROJECT = PROJECT / "dbt_project"
WORDS = ("A name", "a purpose", "an owner", "calls", "of margin")

TABLES = """
create schema staging; create schema intermediate; create schema marts; create schema scores;
create table staging.stg_deliveries (feed text, delivered_on date, revision integer, sha256 text,
    delivery_rank bigint);
create table lists.list_definitions (
    list_code text, class text, priority integer, capacity integer, owner text, cadence text,
    outcome_window_days integer default 90, refunds_settle_days integer default 30,
    assumed_effect numeric, name_in_words text, purpose_in_words text, verb_in_words text,
    money_in_words text, who_in_words text, success_in_words text, say_in_words text,
    do_not_say_in_words text
);
create table lists.exclusion_reasons (reason_code text, in_general text);
create table lists.list_members (
    list_code text, customer_id text, arm text, value_at_stake numeric, expected_effect numeric,
    response_probability numeric,
    reason_1 text, reason_2 text, reason_3 text, valid_until date
);
create table lists.list_exclusions (
    list_code text, customer_id text, reason_code text, reason text
);
create table marts.fct_orders (order_id text, excess_refunds numeric(14, 2));
create table marts.night_holds (
    kind text, subject text, held_count bigint, amount numeric(18, 2), words text
);
create table lists.withheld_lists (
    list_code text, reason text, is_off boolean default false
);
create table lists.list_schedules (list_code text, next_on date);
create table lists.list_learning (
    list_code text, entries_a_year numeric(14, 2), holdout_share numeric(6, 4), is_learning boolean
);
create table marts.feed_states (
    feed text, words text, state text, is_switched_on boolean, is_stale boolean,
    is_approved boolean, is_withholding boolean, guards_sales boolean,
    guards_permission boolean, guards_service boolean, guards_farewells boolean
);
create table marts.list_results (
    list_code text, period text, stratum text, as_of date, eligible integer, treated integer,
    held_out integer,
    margin_per_head_treated numeric(14, 2), margin_per_head_held_out numeric(14, 2),
    lift numeric(14, 2), lift_low numeric(14, 2), lift_high numeric(14, 2),
    shrunken_lift numeric(14, 2), smallest_detectable_lift numeric(14, 2), detectable_on date,
    verdict text, contacts integer, opt_outs_per_thousand numeric(10, 2), complaints integer,
    cost numeric(14, 2), net_return numeric(14, 2), list_versions text
);
create table marts.keep_against_win (
    treated integer, held_out integer, measured_since date,
    kept numeric, kept_low numeric, kept_high numeric,
    cost_per_kept numeric, cost_per_kept_low numeric, cost_per_kept_high numeric,
    cost_per_won numeric, cost_per_won_low numeric, cost_per_won_high numeric,
    times numeric, times_low numeric, times_high numeric
);
create table lists.contact_allocation (
    list_code text, is_effect_measured boolean, people_by_priority integer,
    gain_by_priority numeric, people_by_gain integer, gain_by_gain numeric
);
create table marts.list_effects (list_code text, stratum text, measured_weight numeric);
create table lists.list_movements (list_code text, customer_id text, movement text);
create table marts.customer_lifetime_values (
    customer_id text, net_clv_12m numeric(14, 2), net_clv_lifetime numeric(14, 2),
    value_at_risk numeric(14, 2), purchase_probability_12m numeric, value_tier text,
    lifecycle_status text, expected_next_order_on date
);
create table marts.value_totals (
    total_of text, cohort_month date, measure text, p10 numeric(18, 2), p90 numeric(18, 2)
);
create table marts.value_bridge (
    scope text, place integer, part text, amount numeric(18, 2), customers integer,
    previous_as_of date
);
create table marts.dim_customers (
    customer_id text, relationship_status text, is_staff boolean
);
create table marts.cohort_months (
    cohort_by text, cohort_month date, age_month integer, cohort_size integer,
    active_customers integer, is_mature boolean, acquisition_cost numeric(18, 2),
    cumulative_margin numeric(18, 2), repeat_rate numeric(16, 4), payback_month integer
);
create table marts.model_runs (
    as_of date, fitted_on date, is_champion boolean, choice text,
    run_id text, model text, log_likelihood numeric, customers bigint, histories bigint,
    converged boolean, warnings text, library_versions text
);
create table marts.model_backtests (
    origin date, holdout_days integer, model text, metric text, value numeric, reference text,
    difference numeric, difference_error numeric
);
create table scores.model_parameters (
    as_of date, fitted_on date, model text, parameter text, value numeric,
    standard_error numeric
);
create table marts.second_purchase_curve (day integer, second_share numeric);
create table marts.second_purchase_bounds (
    t_50 integer, t_90 integer, events bigint, is_from_curve boolean
);
"""


@pytest.fixture(scope="module")
def settings(make_settings: Callable) -> Iterator[Settings]:
    """One migrated database with the night's tables, empty, for all tests of this module."""
    made = make_settings("report_queries")
    raw_tables.migrate(made)
    with connect(made, "admin", autocommit=True) as admin:
        admin.execute(TABLES)
        schemas = "staging, intermediate, marts, scores, lists"
        admin.execute(f"grant usage on schema {schemas} to regulars_builder")
        admin.execute(f"grant select on all tables in schema {schemas} to regulars_builder")
    yield made
    drop_database(made)


@pytest.fixture
def warehouse(settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection whose rows are gone after the test."""
    with connect(settings, "admin") as connection:
        yield connection
        connection.rollback()


def fill(connection: psycopg.Connection, table: str, columns: str, rows: list[tuple]) -> None:
    marks = ", ".join(["%s"] * len(columns.split(",")))
    with connection.cursor() as cursor:
        cursor.executemany(f"insert into {table} ({columns}) values ({marks})", rows)


def publish_before(connection: psycopg.Connection, last_delivery_id: int = 0) -> None:
    fill(
        connection,
        "decisions.publications",
        "generation, as_of, run_id, input_digest, last_delivery_id, files_digest, library_versions",
        [(4, BEFORE, "run", "digest", last_delivery_id, "files", "{}")],
    )


def deliver(
    connection: psycopg.Connection, feed: str, on: date, status: str = "loaded", **counts: object
) -> int:
    row = {
        "rows_in": 10,
        "rows_loaded": 10,
        "rows_quarantined": 0,
        "reason": None,
        "drift": [],
        "replay_of": None,
    }
    row |= counts
    return connection.execute(
        """
        insert into raw.deliveries
            (feed, delivered_on, sha256, path, size, modified_at, status, rows_in, rows_loaded,
             rows_quarantined, reason, drift, replay_of)
        values (%(feed)s, %(on)s, gen_random_uuid()::text, 'a', 1, now(), %(status)s, %(rows_in)s,
                %(rows_loaded)s, %(rows_quarantined)s, %(reason)s, %(drift)s, %(replay_of)s)
        returning delivery_id
        """,
        row | {"feed": feed, "on": on, "status": status},
    ).fetchone()[0]


def set_aside(connection: psycopg.Connection, delivery_id: int, feed: str, lines: range) -> None:
    fill(
        connection,
        "raw.quarantine",
        "delivery_id, feed, file, line, raw_text, rule, reason",
        [(delivery_id, feed, "f", line, "dana@example.com", "wrong_type", "r") for line in lines],
    )


class TestLists:
    @pytest.fixture(autouse=True)
    def three_lists(self, warehouse: psycopg.Connection) -> None:
        fill(
            warehouse,
            "lists.list_definitions",
            "list_code, class, priority, capacity, name_in_words, purpose_in_words, owner,"
            " verb_in_words, money_in_words",
            [
                (code, of, turn, capacity, *WORDS)
                for code, of, turn, capacity in (
                    ("second_purchase", "marketing", 20, None),
                    ("save_our_best", "marketing", 10, None),
                    ("make_it_right", "service", 1, 20),
                )
            ],
        )
        fill(
            warehouse,
            "lists.exclusion_reasons",
            "reason_code, in_general",
            [
                ("contacted_recently", "contacted only days ago"),
                ("waiting_list", "waiting: capacity is used up"),
            ],
        )

    def members(self, warehouse: psycopg.Connection, code: str, rows: list[tuple]) -> None:
        fill(
            warehouse,
            "lists.list_members",
            "list_code, customer_id, arm, value_at_stake, response_probability, reason_1, reason_2",
            [(code, *row) for row in rows],
        )

    def test_lists_come_by_priority_and_an_empty_one_is_still_there(self, warehouse):
        found = tonight.lists(warehouse, NIGHT)
        assert [one.code for one in found] == ["make_it_right", "save_our_best", "second_purchase"]
        assert [one.people for one in found] == [0, 0, 0]
        assert found[0].capacity == 20

    def test_a_list_is_called_as_its_definition_says(self, warehouse):
        found = tonight.lists(warehouse, NIGHT)[0]
        assert (found.name, found.purpose, found.owner, found.verb, found.money) == WORDS

    def test_held_people_count_neither_as_people_nor_as_money(self, warehouse):
        self.members(
            warehouse,
            "save_our_best",
            [
                ("a", "treat", 100, 0.2, None, None),
                ("b", "treat", 30, 0.4, None, None),
                ("c", "hold", 999, 0.6, None, None),
            ],
        )
        best = tonight.lists(warehouse, NIGHT)[1]
        assert (best.people, best.held_out, best.at_stake_amount) == (2, 1, Decimal(130))
        assert best.response_rate == pytest.approx(0.4)

    def test_what_contacts_change_is_the_sum_over_the_treated_and_says_what_is_measured_of_it(
        self, warehouse
    ):
        fill(
            warehouse,
            "lists.list_members",
            "list_code, customer_id, arm, expected_effect",
            [
                ("save_our_best", "a", "treat", 4),
                ("save_our_best", "b", "hold", 100),
                ("second_purchase", "c", "treat", 2),
            ],
        )
        fill(
            warehouse,
            "marts.list_effects",
            "list_code, stratum, measured_weight",
            [("save_our_best", "all", "0.62"), ("save_our_best", "gold", "0.62")],
        )
        _, best, second = tonight.lists(warehouse, NIGHT)
        assert (best.effect_amount, best.measured_weight) == (Decimal(4), Decimal("0.62"))
        assert (second.effect_amount, second.measured_weight) == (Decimal(2), None)

    def test_reasons_are_counted_without_anybodys_own_numbers(self, warehouse):
        self.members(
            warehouse,
            "make_it_right",
            [
                (
                    f"c{day}",
                    "treat",
                    1,
                    None,
                    f"the complaint of {day} May took {day * 2} hours; 8 were promised",
                    "nobody has apologised yet",
                )
                for day in range(1, 6)
            ],
        )
        owed = tonight.lists(warehouse, NIGHT)[0]
        assert owed.reasons == (
            Reason("nobody has apologised yet", 5),
            Reason("the complaint of … took … hours; 8 were promised", 5),
        )

    def test_a_reason_of_too_few_people_stays_with_them(self, warehouse):
        self.members(
            warehouse,
            "make_it_right",
            [
                ("a", "treat", 1, None, "wrote from the moon", None),
                ("b", "treat", 1, None, "wrote from the moon", None),
            ],
        )
        assert tonight.lists(warehouse, NIGHT)[0].reasons == ()

    def test_movement_is_unknown_on_the_first_night_and_counted_on_the_next(self, warehouse):
        fill(
            warehouse,
            "lists.list_movements",
            "list_code, customer_id, movement",
            [
                ("save_our_best", "a", "entered"),
                ("save_our_best", "b", "stayed"),
                ("save_our_best", "c", "left"),
                ("save_our_best", "d", "left"),
            ],
        )
        assert tonight.lists(warehouse, NIGHT)[1].movement is None
        publish_before(warehouse)
        assert tonight.lists(warehouse, NIGHT)[1].movement == Movement(1, 1, 2)

    def test_exclusions_are_counted_by_code_and_never_show_anybodys_sentence(self, warehouse):
        fill(
            warehouse,
            "lists.list_exclusions",
            "list_code, customer_id, reason_code, reason",
            [
                ("save_our_best", "a", "contacted_recently", "last contact was on 3 May"),
                ("save_our_best", "b", "contacted_recently", "last contact was on 4 May"),
                ("make_it_right", "c", "waiting_list", "number 1 on the waiting list"),
            ],
        )
        found = tonight.exclusions(warehouse, NIGHT)
        assert [(one.list_code, one.reason, one.people) for one in found] == [
            ("make_it_right", "waiting: capacity is used up", 1),
            ("save_our_best", "contacted only days ago", 2),
        ]
        assert tonight.lists(warehouse, NIGHT)[0].waiting == 1


class TestGates:
    def test_a_gate_without_data_docs_was_not_run(self, warehouse, settings):
        for gate in ("raw", "scores"):
            (docs_folder(settings, NIGHT) / gate).mkdir(parents=True)
        fill(
            warehouse,
            "decisions.approvals",
            "as_of, gate, input_digest, approved_by, reason",
            [
                (AS_OF, "scores", delivered_digest(warehouse, AS_OF), "Dana", "a sale"),
                (AS_OF, "raw", "of other deliveries", "Dana", "a sale"),
                (BEFORE, "raw", delivered_digest(warehouse, BEFORE), "Dana", "another night"),
            ],
        )
        assert tonight.gates(warehouse, settings, NIGHT) == (
            Gate("raw", "passed"),
            Gate("scores", "approved"),
            Gate("lists", "not_run"),
        )


class TestValue:
    def values(self, warehouse: psycopg.Connection, amounts: list[object]) -> None:
        fill(
            warehouse,
            "marts.customer_lifetime_values",
            "customer_id, net_clv_12m, net_clv_lifetime, value_at_risk, value_tier,"
            " lifecycle_status",
            [
                (f"c{n}", amount, amount, 1, "gold" if n == 0 else "basic", "active")
                for n, amount in enumerate(amounts)
            ],
        )

    def test_bands_run_from_the_least_to_the_most_without_a_hole(self, warehouse):
        self.values(warehouse, [-3, 0, "0.99", 4, 60])
        bins = customers.value(warehouse, NIGHT, DBT_PROJECT).bins
        assert bins[0] == ValueBin(None, Decimal(0), 1)
        assert bins[1] == ValueBin(Decimal(0), Decimal(1), 2)
        assert bins[-1] == ValueBin(Decimal(50), Decimal(100), 1)
        assert sum(one.people for one in bins) == 5
        assert all(a.upper == b.lower for a, b in pairwise(bins))

    def test_too_many_bands_merge_at_the_small_end_and_lose_nobody(self, warehouse):
        self.values(warehouse, [-1, 0.5, 3, 80, 4_000, 900_000, 50_000_000])
        bins = customers.value(warehouse, NIGHT, DBT_PROJECT).bins
        assert len(bins) == customers.MOST_BINS
        assert bins[0].upper == 0
        assert bins[-1].upper is None
        assert sum(one.people for one in bins) == 7

    def test_tiers_come_best_first_and_add_up(self, warehouse):
        self.values(warehouse, [500, 20, 30])
        value = customers.value(warehouse, NIGHT, DBT_PROJECT)
        assert [(t.tier, t.people, t.net_clv_12m) for t in value.tiers] == [
            ("gold", 1, Decimal(500)),
            ("basic", 2, Decimal(50)),
        ]
        assert value.total == value.concentration[-1] == Decimal(550)

    def test_the_range_is_that_of_the_companys_net_value_and_none_without_a_backtest(
        self, warehouse
    ):
        self.values(warehouse, [500])
        assert customers.value(warehouse, NIGHT, DBT_PROJECT).total_range is None
        columns = "total_of, cohort_month, measure, p10, p90"
        rows = [
            ("company", None, "net_value", "410.50", "590.00"),
            ("company", None, "net_sales", 800, 900),
            ("cohort", BEFORE.replace(day=1), "net_value", 1, 2),
        ]
        fill(warehouse, "marts.value_totals", columns, rows)
        found = customers.value(warehouse, NIGHT, DBT_PROJECT).total_range
        assert found == (Decimal("410.50"), Decimal("590.00"))
        warehouse.execute("update marts.value_totals set p10 = null, p90 = null")
        assert customers.value(warehouse, NIGHT, DBT_PROJECT).total_range is None

    def test_the_best_hundredth_is_the_first_step_of_the_curve(self, warehouse):
        self.values(warehouse, list(range(1, 201)))
        curve = customers.value(warehouse, NIGHT, DBT_PROJECT).concentration
        assert len(curve) == 100
        assert curve[0] == Decimal(200 + 199)

    def test_the_curve_is_cut_where_tiers_are(self, warehouse):
        self.values(warehouse, list(range(150, 0, -1)))
        curve = customers.value(warehouse, NIGHT, DBT_PROJECT).concentration
        best = Decimal(0)
        for percent in range(
            1, 101
        ):  # a place is within the best p% if (place - 1) * 100 < p * 150
            best = sum(Decimal(151 - n) for n in range(1, 151) if (n - 1) * 100 < percent * 150)
            assert curve[percent - 1] == best
        assert best == Decimal(150 * 151 // 2)

    def test_a_handful_of_people_still_make_a_whole_curve(self, warehouse):
        self.values(warehouse, [10, 20])
        curve = customers.value(warehouse, NIGHT, DBT_PROJECT).concentration
        assert len(curve) == 100
        assert (curve[0], curve[49], curve[50], curve[99]) == (20, 20, 30, 30)

    def test_customers_without_a_value_are_in_no_band(self, warehouse):
        self.values(warehouse, [None, 5])
        value = customers.value(warehouse, NIGHT, DBT_PROJECT)
        assert sum(one.people for one in value.bins) == value.people == 1


class TestPeople:
    def test_staff_are_not_part_of_the_funnel(self, warehouse):
        fill(
            warehouse,
            "marts.dim_customers",
            "customer_id, relationship_status, is_staff",
            [("a", "trial", False), ("b", "trial", None), ("c", "trial", True)],
        )
        assert customers.relationships(warehouse, NIGHT).statuses == {"trial": 2}

    def test_whoever_has_a_day_of_the_next_order_is_counted_and_who_is_due_within_30_days(
        self, warehouse
    ):
        assert customers.relationships(warehouse, NIGHT).next_orders is None
        last = AS_OF + timedelta(days=30)
        days = [AS_OF + timedelta(days=1), last, last + timedelta(days=1), None]
        fill(
            warehouse,
            "marts.customer_lifetime_values",
            "customer_id, expected_next_order_on",
            [(f"c{place}", day) for place, day in enumerate(days)],
        )
        assert customers.relationships(warehouse, NIGHT).next_orders == NextOrders(3, 2, last)

    def test_the_curve_is_read_up_to_a_year(self, warehouse):
        fill(
            warehouse,
            "marts.second_purchase_curve",
            "day, second_share",
            [(10, 0.1), (365, 0.4), (366, 0.9)],
        )
        assert [p.day for p in customers.relationships(warehouse, NIGHT).curve] == [10, 365]

    def test_only_the_newest_cohorts_are_shown_and_the_rest_counted(self, warehouse):
        months = [date(2000 + n // 12, n % 12 + 1, 1) for n in range(130)]
        fill(
            warehouse,
            "marts.cohort_months",
            "cohort_by, cohort_month, age_month, cohort_size, active_customers, is_mature",
            [("first", month, age, 10, 10 - age, age == 0) for month in months for age in (0, 2)],
        )
        found = customers.cohorts(warehouse, NIGHT, "first")
        assert found.cohorts[-1].month == months[-1]
        assert len(found.cohorts) == customers.MOST_COHORTS
        assert found.cut_off == 130 - customers.MOST_COHORTS
        assert customers.cohorts(warehouse, NIGHT, "second").cohorts == ()

    def test_a_cohort_is_told_as_far_as_it_has_come_and_one_by_second_purchase_is_not(
        self, warehouse
    ):
        fill(
            warehouse,
            "marts.cohort_months",
            "cohort_by, cohort_month, age_month, cohort_size, acquisition_cost,"
            " cumulative_margin, repeat_rate, payback_month",
            [
                ("first", BEFORE, 0, 10, 50, 40, 0.1, 1),
                ("first", BEFORE, 1, 10, 50, 60, 0.3, 1),
                ("second", BEFORE, 0, 4, None, 70, None, None),
            ],
        )
        assert customers.paybacks(warehouse, NIGHT) == (
            Payback(BEFORE, 10, Decimal(50), Decimal(60), Decimal("0.3"), 1),
        )

    def test_a_month_without_a_row_had_nobody_active(self, warehouse):
        fill(
            warehouse,
            "marts.cohort_months",
            "cohort_by, cohort_month, age_month, cohort_size, active_customers, is_mature",
            [("first", BEFORE, 0, 10, 10, True), ("first", BEFORE, 2, 10, 3, False)],
        )
        months = customers.cohorts(warehouse, NIGHT, "first").cohorts[0].months
        assert months[1] == CohortMonth(1, 0, True)
        assert months[2] == CohortMonth(2, 3, False)


class TestModel:
    def test_series_are_the_champions_at_the_latest_origin_and_errors_means(self, warehouse):
        fill(
            warehouse,
            "marts.model_runs",
            "as_of, fitted_on, is_champion, choice, model",
            [
                (AS_OF, AS_OF, True, "because", "mbg_nbd"),
                (AS_OF, BEFORE, False, None, "pareto_nbd"),
            ],
        )
        late, early = AS_OF - timedelta(days=120), AS_OF - timedelta(days=210)
        rows = []
        for origin, rmse in ((early, 3), (late, 1)):
            own = [
                ("rmse", rmse),
                ("bias", 0.1),
                ("pit_1", 0.1),
                ("calibration_slope", 0.9),
                ("net_sales_pit_1", 0.2),
                ("net_sales_coverage_80", 0.7),
                ("total_within_80", 1 if origin == late else 0),
            ]
            for number in (2, 10, 1):
                own += [(f"tracking_expected_{number}", number), (f"tracking_actual_{number}", 1)]
            own += [("expected_by_frequency_0", 0.5), ("actual_by_frequency_0", rmse)]
            own.append(("expected_by_frequency_7", 3))  # no actual: nothing to compare
            rows += [(origin, 91, "mbg_nbd", *pair, "mbg_nbd", None, None) for pair in own]
            others = [("rmse", rmse + 1, None, None), ("crps", rmse, 0.2, 0.05)]
            rows += [(origin, 91, "past_rate", m, v, "mbg_nbd", d, e) for m, v, d, e in others]
        columns = "origin, holdout_days, model, metric, value, reference, difference"
        fill(warehouse, "marts.model_backtests", f"{columns}, difference_error", rows)
        check = model_check.check(warehouse, NIGHT)
        assert (check.model, check.choice, check.horizon_days) == ("mbg_nbd", "because", 91)
        assert [run.model for run in check.runs] == ["mbg_nbd"]
        assert [pair.at for pair in check.by_week] == [1, 2, 10]
        assert check.by_frequency == (Pair(0, 0.5, 1.0),)
        assert (check.pit, check.sales_pit) == ((0.1,), (0.2,))
        assert check.totals
        assert check.totals.startswith("1 of 2 past totals of orders lay")
        assert check.ranges
        assert "70% spent between" in check.ranges
        assert [(row.origin, row.slope) for row in check.origins] == [(late, 0.9), (early, 0.9)]
        assert [(row.model, row.rmse, row.against) for row in check.errors] == [
            ("mbg_nbd", 2.0, None),
            ("past_rate", 3.0, (0.2, 0.05)),
        ]

    def test_warnings_come_one_a_line_and_parameters_with_their_model(self, warehouse):
        fill(
            warehouse,
            "marts.model_runs",
            "as_of, fitted_on, is_champion, run_id, model, log_likelihood, customers, histories,"
            " converged, warnings, library_versions",
            [
                (
                    AS_OF,
                    AS_OF,
                    True,
                    "run",
                    "mbg_nbd",
                    -12.5,
                    9,
                    7,
                    False,
                    "a at its bound\nb at its bound",
                    '{"scipy": "1.17.1", "numpy": "2.4.6"}',
                )
            ],
        )
        fill(
            warehouse,
            "scores.model_parameters",
            "as_of, fitted_on, model, parameter, value",
            [
                (AS_OF, AS_OF, "mbg_nbd", "r", 0.5),
                (AS_OF, AS_OF, "gamma_gamma", "p", 6),
                (AS_OF, BEFORE, "mbg_nbd", "r", 9),
            ],
        )
        assert model_check.check(warehouse, NIGHT).service is None
        fill(
            warehouse,
            "scores.model_parameters",
            "as_of, fitted_on, model, parameter, value, standard_error",
            [(AS_OF, AS_OF, "pareto_nbd_with_covariates", "dropout_bad_first", 1.1, 0.3)],
        )
        assert "3.0 times" in (model_check.check(warehouse, NIGHT).service or "")
        assert model_check.check(warehouse, NIGHT).channels == ()
        fill(
            warehouse,
            "scores.model_parameters",
            "as_of, fitted_on, model, parameter, value, standard_error",
            [
                (AS_OF, AS_OF, "pareto_nbd_with_covariates", name, value, error)
                for name, value, error in (
                    ("rate_first_shop_against_web", -0.7, 0.1),
                    ("dropout_first_shop_against_web", 0, 0.1),
                    ("rate_first_fair_against_web", 0, 0.1),
                    ("dropout_first_fair_against_web", 12, None),
                )
            ],
        )
        (of_shop,) = model_check.check(warehouse, NIGHT).channels
        assert "buy 0.5 times" in of_shop
        assert "“shop” leave 1.0 times" in of_shop
        run = model_check.check(warehouse, NIGHT).runs[0]
        assert run.warnings == ("a at its bound", "b at its bound")
        assert run.parameters == {"r": Decimal("0.5")}
        assert run.version == "numpy 2.4.6, scipy 1.17.1"
        assert not run.is_converged


class TestDeliveries:
    def since(self, warehouse, settings, night=NIGHT, previous=BEFORE):
        return deliveries.since(warehouse, settings, night, previous)

    def feed(self, found, name):
        return next(one for one in found.feeds if one.feed == name)

    def test_only_what_came_since_the_last_night_counts(self, warehouse, settings):
        old = deliver(warehouse, "orders", BEFORE)
        publish_before(warehouse, last_delivery_id=old)
        deliver(warehouse, "orders", AS_OF, rows_in=7, rows_loaded=7)
        deliver(warehouse, "orders", date(2026, 11, 1))  # tomorrow's
        orders = self.feed(self.since(warehouse, settings), "orders")
        assert (orders.loaded, orders.rows_in, orders.last_delivered_on) == (1, 7, AS_OF)

    def test_a_late_file_of_an_old_day_is_news(self, warehouse, settings):
        old = deliver(warehouse, "orders", BEFORE)
        publish_before(warehouse, last_delivery_id=old)
        deliver(warehouse, "orders", date(2026, 10, 1))
        assert self.feed(self.since(warehouse, settings), "orders").loaded == 1

    def test_a_rebuild_sees_only_what_its_night_saw(self, warehouse, settings):
        seen = deliver(warehouse, "orders", AS_OF)
        deliver(warehouse, "orders", AS_OF)
        night = replace(NIGHT, last_delivery_id=seen)
        found = self.since(warehouse, settings, night, None)
        assert self.feed(found, "orders").loaded == 1

    def test_every_declared_feed_is_named_even_if_it_never_came(self, warehouse, settings):
        found = self.since(warehouse, settings, previous=None)
        names = [one.feed for one in found.feeds]
        assert {"customers", "orders", "consents"} <= set(names)
        assert self.feed(found, "orders").last_delivered_on is None

    def test_holds_are_the_night_s_table_withheld_lists_and_the_ledger_s_warnings(
        self, warehouse, settings
    ):
        fill(
            warehouse,
            "marts.night_holds",
            "kind, subject, held_count, words",
            [
                ("rows_waiting", "orders", 3, None),
                ("feed_not_in", "deaths", 1, "deaths is missing"),
            ],
        )
        fill(warehouse, "lists.withheld_lists", "list_code, reason", [("a_list", "deaths")])
        came = deliver(warehouse, "orders", AS_OF)
        warehouse.execute(
            "update raw.deliveries set warnings = '{a word}' where delivery_id = %s", [came]
        )
        assert holds.of_night(warehouse, NIGHT) == (
            Hold("list_withheld", "a_list", words="deaths"),
            Hold("feed_not_in", "deaths", words="deaths is missing"),
            Hold("rows_waiting", "orders", 3),
            Hold("ledger_warning", "orders", words="a word"),
        )

    def test_refunds_above_their_sale_are_told_by_order_the_largest_first(self, warehouse):
        rows = [("a", "0.00"), ("b", "0.05"), ("c", "12.00")]
        fill(warehouse, "marts.fct_orders", "order_id, excess_refunds", rows)
        found = excess.largest(warehouse, NIGHT)
        assert [(one.order_id, one.amount) for one in found] == [
            ("c", Decimal("12.00")),
            ("b", Decimal("0.05")),
        ]

    def test_quarantine_is_counted_by_rule_and_replayed_rows_are_gone(self, warehouse, settings):
        old = deliver(warehouse, "orders", BEFORE, rows_loaded=7, rows_quarantined=3)
        publish_before(warehouse, last_delivery_id=old)
        new = deliver(warehouse, "orders", AS_OF, rows_loaded=8, rows_quarantined=2)
        set_aside(warehouse, old, "orders", range(1, 4))
        set_aside(warehouse, new, "orders", range(1, 3))
        warehouse.execute("update raw.quarantine set replayed_at = now() where line = 3")
        found = self.since(warehouse, settings)
        rule = found.quarantine[0]
        assert (rule.feed, rule.rule, rule.rows, rule.rows_ever) == ("orders", "wrong_type", 2, 4)
        assert (found.rows_quarantined, found.waiting) == (2, 4)

    @pytest.mark.parametrize(
        ("is_known", "rows_in", "loaded", "quarantined"), [(False, 10, 9, 1), (True, 2, 2, 0)]
    )
    def test_a_replay_is_no_file_and_its_rows_are_set_aside_no_more(
        self, warehouse, settings, is_known, rows_in, loaded, quarantined
    ):
        came = deliver(
            warehouse, "orders", BEFORE if is_known else AS_OF, rows_loaded=7, rows_quarantined=3
        )
        publish_before(warehouse, last_delivery_id=came if is_known else came - 1)
        deliver(
            warehouse,
            "orders",
            BEFORE if is_known else AS_OF,
            rows_in=2,
            rows_loaded=2,
            replay_of=came,
        )
        orders = self.feed(self.since(warehouse, settings), "orders")
        assert orders.loaded == (0 if is_known else 1)
        assert (orders.rows_in, orders.rows_loaded, orders.rows_quarantined) == (
            rows_in,
            loaded,
            quarantined,
        )

    def test_refusals_and_drift_are_named(self, warehouse, settings):
        deliver(warehouse, "surveys", AS_OF, "refused", rows_in=None, rows_loaded=0, reason="torn")
        deliver(warehouse, "orders", AS_OF, drift=["coupon", "agent"])
        found = self.since(warehouse, settings, previous=None)
        assert found.refusals == (Refusal("surveys", AS_OF, "torn"),)
        assert found.drift[0].columns == ("agent", "coupon")
        assert (found.files, found.refused) == (1, 1)


class TestPage:
    def test_an_empty_company_gets_a_page_as_the_role_that_builds(self, settings, tmp_path: Path):
        page = write_report(settings, NIGHT, tmp_path).read_text(encoding="utf-8")
        assert "Nobody has bought yet" in page

    def test_raw_values_of_quarantined_rows_stay_in_the_warehouse(self, warehouse, settings):
        bad = deliver(warehouse, "customers", AS_OF, rows_loaded=9, rows_quarantined=1)
        set_aside(warehouse, bad, "customers", range(1, 2))
        page = render(read_report(warehouse, settings, NIGHT))
        assert "Wrong type" in page
        assert "dana" not in page

    def test_the_page_belongs_to_the_generation_about_to_be_made(self, warehouse, settings):
        publish_before(warehouse)
        edition = read_report(warehouse, settings, NIGHT).edition
        assert (edition.generation, edition.previous_as_of) == (5, BEFORE)
        assert tonight.generation(warehouse, Night(BEFORE, prefix="rebuild_")) == 4


def test_what_a_list_has_earned_is_read_as_a_whole_by_tier_and_by_month(
    warehouse: psycopg.Connection,
) -> None:
    columns = "list_code, period, stratum, treated, held_out, lift, verdict, contacts, complaints"
    fill(
        warehouse,
        "marts.list_results",
        columns,
        [
            ("win_back", "all", "all", 90, 10, "4.20", "gain", 100, 0),
            ("win_back", "all", "gold", 30, 5, "6.00", None, 40, 0),
            ("win_back", "2026-03", "all", 45, 5, "1.00", None, 50, 0),
            ("win_back", "2026-04", "all", 45, 5, None, None, 50, 0),
        ],
    )
    publish_before(warehouse)
    episodes = "generation, as_of, list_code, household_id, episode_no, customer_id, entered_on"
    fill(
        warehouse,
        "decisions.episodes",
        f"{episodes}, closes_on, stratum, arm",
        [
            (4, BEFORE, "reorder_due", f"h{n}", 1, f"c{n}", on, closes, "gold", "treat")
            for n, on, closes in (
                (1, date(2026, 10, 2), date(2026, 12, 1)),
                (2, date(2026, 10, 9), date(2026, 12, 8)),
            )
        ],
    )
    found = earned.results(warehouse, NIGHT)
    assert set(found) == {"win_back", "reorder_due"}
    parts = [(one.part, one.lift) for one in found["win_back"].parts]
    assert parts == [
        ("all of it", Decimal("4.20")),
        ("Gold", Decimal("6.00")),
        ("Apr 2026", None),
        ("Mar 2026", Decimal("1.00")),
    ]
    assert found["win_back"].whole
    assert found["win_back"].whole.verdict == "gain"
    waiting = found["reorder_due"]
    assert (waiting.whole, waiting.since, waiting.settles_on) == (
        None,
        date(2026, 10, 2),
        date(2026, 12, 1),
    )


def test_what_follows_for_the_programme_is_read_with_its_intervals(
    warehouse: psycopg.Connection,
) -> None:
    assert earned.keep_against_win(warehouse, NIGHT) == KeepAgainstWin()
    fill(
        warehouse,
        "marts.keep_against_win",
        "treated, held_out, measured_since, kept, kept_low, kept_high, cost_per_won,"
        " cost_per_won_low, cost_per_won_high",
        [(900, 100, date(2026, 1, 5), 20, -3, 43, 77, 64, 96)],
    )
    found = earned.keep_against_win(warehouse, NIGHT)
    assert (found.kept, found.cost_per_won) == ((20, -3, 43), (77, 64, 96))
    assert (found.cost_per_kept, found.times, found.since) == (None, None, date(2026, 1, 5))
    fill(
        warehouse,
        "lists.list_definitions",
        "list_code, priority, name_in_words",
        [(code, n, code) for n, code in enumerate(("save_our_best", "second_purchase"))],
    )
    fill(
        warehouse,
        "lists.contact_allocation",
        "list_code, is_effect_measured, people_by_priority, gain_by_priority, people_by_gain,"
        " gain_by_gain",
        [
            ("second_purchase", False, 0, 0, 3, "4.50"),
            ("save_our_best", True, 5, "-2.00", 0, 0),
        ],
    )
    allocated = earned.allocation(warehouse, NIGHT)
    assert [(one.is_measured, one.people, one.gain_by_gain) for one in allocated] == [
        (True, 5, 0),
        (False, 0, Decimal("4.50")),
    ]


def test_bridges_are_read_company_first_then_tiers_from_the_best_on(
    warehouse: psycopg.Connection, settings: Settings
) -> None:
    parts = (("before", 10, 0), ("time", -1, 2), ("service", 0, 0), ("now", 9, 2))
    columns = "scope, place, part, amount, customers, previous_as_of"
    rows = [
        (scope, place, part, amount, people, BEFORE)
        for scope in ("basic", "gold", "company")
        for place, (part, amount, people) in enumerate(parts, start=1)
    ]
    with warehouse.cursor() as cursor:
        cursor.executemany(
            f"insert into marts.value_bridge ({columns}) values (%s, %s, %s, %s, %s, %s)", rows
        )
    found = bridges.bridges(warehouse, NIGHT, DBT_PROJECT)
    assert [one.scope for one in found] == ["company", "gold", "basic"]
    assert [part.name for part in found[0].parts] == ["time"]
    assert (found[0].before, found[0].now, found[0].previous_as_of) == (10, 9, BEFORE)
