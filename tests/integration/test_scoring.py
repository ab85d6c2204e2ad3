"""The scoring step on hand-made marts in a real warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest

from regulars import warehouse
from regulars.backtesting.candidates import CANDIDATES
from regulars.backtesting.champion import ELIGIBLE
from regulars.backtesting.evaluation import evaluate_models
from regulars.backtesting.names import COVARIATES
from regulars.backtesting.origins import Split
from regulars.backtesting.past import FEATURES, Past
from regulars.backtesting.rules import RULES
from regulars.backtesting.spend_distribution import known_or_fitted
from regulars.clv import (
    GammaGamma,
    ModifiedBetaGeometric,
    NextSpend,
    ParetoNBD,
    WithCovariates,
)
from regulars.clv.metrics import Metric
from regulars.night import Night
from regulars.runs import input_digest
from regulars.scores import covariate_effects, model_rows, night_backtest
from regulars.scores.model_inputs import ModelInputs
from regulars.scores.score import score as score_histories
from regulars.settings import Settings
from tests import parsed
from tests.company import clone
from tests.dbt_build import build_model_inputs
from tests.server import drop_database, renamed

AS_OF = date(2026, 10, 31)
START = date(2025, 1, 1)
NIGHT = Night(AS_OF)


def no_origins(inputs: ModelInputs) -> list[Split]:
    """In place of `splits` where the backtest is not the point, and would take its time."""
    return []


def purchase_days(seed: int, customers: int) -> Iterable[tuple[str, date]]:
    """Days of purchase by an MBG/NBD company acquiring evenly over its window."""
    draw = np.random.default_rng(seed)
    window = (AS_OF - START).days
    for number in range(customers):
        day = int(draw.integers(0, window))
        rate, leave = draw.gamma(0.6) / 40, draw.beta(0.9, 2.5)
        yield f"c{number}", START + timedelta(days=day)
        moment = float(day)
        while draw.random() >= leave:
            moment += draw.exponential(1 / rate)
            if moment > window:
                break
            yield f"c{number}", START + timedelta(days=int(np.ceil(moment)))


MARTS = """
create schema staging; create schema intermediate; create schema marts;
create table staging.stg_deliveries (
    feed text, delivered_on date, revision int, sha256 text, delivery_rank bigint
);
insert into staging.stg_deliveries values ('orders', '2026-10-31', 0, 'abc');
create table marts.fct_orders (
    order_id bigint generated always as identity, customer_id text, ordered_on date,
    is_qualifying boolean, status text default 'paid', order_type text default 'sale',
    is_held boolean default false, gross_sales numeric(14, 2) default 30,
    discounts numeric(14, 2) default 0, net_sales numeric(14, 2) default 30,
    days_since_previous_purchase int, channel text, order_seq int
);
create table marts.fct_refunds (
    refund_id text, order_id bigint, amount numeric(14, 2), refunded_on date, is_held boolean,
    excess_amount numeric(14, 2) default 0
);
create table intermediate.int_order_states (
    order_id bigint, status text, version_at timestamptz, delivered_on date,
    is_first_delivery boolean, delivery_rank bigint, line bigint
);
create table intermediate.int_refund_arrivals (
    refund_id text, delivered_on date, is_first_delivery boolean
);
create table marts.customer_purchase_summaries (
    customer_id text, purchase_days int, valued_purchase_days int, monetary_value numeric(18, 6),
    first_purchase_on date, last_purchase_on date,
    frequency int, recency_days int, customer_age_days int
);
create table intermediate.int_first_orders_served (customer_id text, is_bad int);
create table intermediate.int_customer_years (
    frequency int, recency_days int, customer_age_days int
);
create table intermediate.int_previous_night (as_of date);
create table intermediate.int_customer_value_inputs (
    purchase_days int, first_purchase_on date, last_purchase_on date
);
create table intermediate.int_customer_value_inputs_before (
    like intermediate.int_customer_value_inputs
);
create table intermediate.int_customer_value_inputs_corrected (
    like intermediate.int_customer_value_inputs
);
"""

SUMMARISE = """
insert into marts.customer_purchase_summaries
select customer_id, count(distinct ordered_on), count(distinct ordered_on),
    20 + (('x' || substr(md5(customer_id), 1, 4))::bit(16)::int % 400) / 10.0,
    min(ordered_on), max(ordered_on), count(distinct ordered_on) - 1,
    max(ordered_on) - min(ordered_on), date '2026-10-31' - min(ordered_on)
from marts.fct_orders where is_qualifying group by 1;
update marts.fct_orders as o set days_since_previous_purchase = o.ordered_on - (
    select max(e.ordered_on) from marts.fct_orders as e
    where e.customer_id = o.customer_id and e.ordered_on < o.ordered_on
);
"""


def fill(settings: Settings, days: Iterable[tuple[str, date]]) -> None:
    """Marts in front of the model inputs as the build would leave them, for these purchase days."""
    with warehouse.connect(settings, "transformer") as connection:
        connection.execute(MARTS)
        with (
            connection.cursor() as cursor,
            cursor.copy(
                "copy marts.fct_orders (customer_id, ordered_on, is_qualifying) from stdin"
            ) as copy,
        ):
            for customer, day in days:
                copy.write_row((customer, day, True))
        connection.execute(SUMMARISE)


def everything(settings: Settings) -> dict[str, list[tuple]]:
    """All rows of the scores tables, in key order."""
    with warehouse.connect(settings, "transformer") as connection:
        return {
            table: connection.execute(
                f"select * from scores.{table} order by 1, 2, 3, 4, 5"
            ).fetchall()
            for table in (
                "history_scores",
                "history_values",
                "model_parameters",
                "model_runs",
                "model_backtests",
            )
        }


@pytest.fixture(scope="module")
def simulated(make_world: Callable) -> Settings:
    """A warehouse with 600 customers' marts; do not change it."""
    settings = make_world("simulated")
    fill(settings, purchase_days(seed=7, customers=600))
    build_model_inputs(settings, NIGHT)
    return renamed(settings, "simulated")


@pytest.fixture
def company(simulated: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A warehouse of one's own like it."""
    copy = clone(simulated, parsed.WORLD, tmp_path / "home")
    yield copy
    drop_database(copy)


@pytest.fixture(scope="module")
def night(
    simulated: Settings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, dict[str, Any]]:
    """The same warehouse after its night was scored, and what the step said; do not change it."""
    settings = clone(simulated, "scored", tmp_path_factory.mktemp("scored") / "home")
    return settings, score_histories(settings, NIGHT)


@pytest.fixture
def scored(night: tuple[Settings, dict[str, Any]], tmp_path: Path) -> Iterator[Settings]:
    """A warehouse of one's own like it."""
    copy = clone(night[0], parsed.WORLD, tmp_path / "home")
    yield copy
    drop_database(copy)


@pytest.fixture
def bare(make_world: Callable) -> Iterator[Settings]:
    """A warehouse of one's own without marts."""
    settings = make_world("bare")
    yield settings
    drop_database(settings)


def test_every_distinct_history_is_scored_as_the_model_says(
    night: tuple[Settings, dict[str, Any]],
) -> None:
    settings, summary = night
    rows = everything(settings)["history_scores"]
    assert len(rows) == summary["histories"] > 300
    with warehouse.connect(settings, "transformer") as connection:
        histories = ModelInputs(connection, NIGHT).histories()
        parameters = dict(
            connection.execute(
                "select parameter, value::float from scores.model_parameters"
                " where model = 'mbg_nbd' and fitted_on = as_of"
            ).fetchall()
        )
    model = ModifiedBetaGeometric.from_params(**parameters)
    written = np.array([[float(value) for value in row[4:]] for row in rows])
    expected = np.column_stack(
        [
            model.probability_alive(histories),
            model.purchase_probability(histories, 365),
            model.expected_purchases(histories, 365),
            model.expected_purchases_if_active(histories, 365),
            model.expected_purchases_if_kept(histories, 365),
            model.discounted_expected_purchases(histories, 0.10),
        ]
    )
    np.testing.assert_allclose(written, expected, atol=5.1e-7)


def test_a_second_run_replays_the_logged_parameters_and_changes_nothing(
    night: tuple[Settings, dict[str, Any]], scored: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, first = night
    before = everything(scored)

    def no_fit(self: object, data: object) -> None:
        raise AssertionError("a logged night was fitted anew")

    for model in (*CANDIDATES.values(), GammaGamma, NextSpend):
        monkeypatch.setattr(model, "fit", no_fit)
    monkeypatch.setattr(night_backtest, "evaluate_models", no_fit)
    again = score_histories(scored, NIGHT)
    assert first["is_replayed"] is False
    assert again["is_replayed"] is True
    assert everything(scored) == before


def test_logged_parameters_win_over_a_fit(
    company: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ModelInputs, "splits", no_origins)
    with warehouse.connect(company, "transformer") as connection:
        digest = input_digest(connection, NIGHT)
        for name, value in {"r": 1, "alpha": 50, "a": 1, "b": 3}.items():
            connection.execute(
                "insert into decisions.parameters values (%s, %s, 'mbg_nbd', %s, %s, 'r', '{}')",
                [AS_OF, digest, name, value],
            )
    score_histories(company, NIGHT)
    found = {
        row[4]: row[5]
        for row in everything(company)["model_parameters"]
        if row[2:4] == ("mbg_nbd", AS_OF)
    }
    assert found == {"a": 1, "alpha": 50, "b": 3, "r": 1}


def test_another_input_is_fitted_anew(scored: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ModelInputs, "splits", no_origins)
    with warehouse.connect(scored, "transformer") as connection:
        connection.execute("insert into staging.stg_deliveries values ('x', '2026-10-31', 0, 'd')")
    assert score_histories(scored, NIGHT)["is_replayed"] is False


def figures(settings: Settings) -> dict[tuple[date, str, str], float]:
    """origin, model, metric -> value"""
    rows = everything(settings)["model_backtests"]
    return {(row[1], row[3], row[4]): float(row[5]) for row in rows}


def test_the_backtest_stands_beside_plain_rules_at_every_origin(
    night: tuple[Settings, dict[str, Any]],
) -> None:
    settings, _ = night
    metrics = figures(settings)
    origins = sorted({origin for origin, _, _ in metrics}, reverse=True)
    assert origins == [date(2026, 3, 31), date(2025, 12, 31), date(2025, 9, 30), date(2025, 6, 30)]
    for origin in origins:
        models = {model for at, model, _ in metrics if at == origin}
        assert models >= {"mbg_nbd", "pareto_nbd", "bg_nbd", "nbd", *RULES}
        with warehouse.connect(settings, "transformer") as connection:
            actual, sales = connection.execute(
                "select count(distinct (customer_id, ordered_on)), sum(net_sales)"
                " from marts.fct_orders as late"
                " where ordered_on > %(origin)s and ordered_on <= %(origin)s + 182 and exists ("
                " select from marts.fct_orders as early where early.ordered_on <= %(origin)s"
                " and early.customer_id = late.customer_id)",
                {"origin": origin},
            ).fetchone()
        for model in models:
            assert metrics[origin, model, "actual_total"] == actual
        assert abs(metrics[origin, "mbg_nbd", "bias"]) < 0.25
        assert metrics[origin, "mbg_nbd", "crps"] < metrics[origin, "past_rate", "crps"]
        assert metrics[origin, "all_zero", "bias"] == -1
        for pit in ("pit", "net_sales_pit"):
            tenths = [metrics[origin, "mbg_nbd", f"{pit}_{n}"] for n in range(1, 11)]
            assert sum(tenths) == pytest.approx(1, abs=1e-5)
        assert 0.6 < metrics[origin, "mbg_nbd", "net_sales_coverage_80"] <= 1
        assert metrics[origin, "mbg_nbd", "net_sales_actual_total"] == sales
        score = "net_sales_interval_score_80"
        assert metrics[origin, "mbg_nbd", score] < metrics[origin, "last_period", score]


def test_the_champion_is_logged_with_its_reason_and_scores_the_night(
    night: tuple[Settings, dict[str, Any]],
) -> None:
    settings, summary = night
    with warehouse.connect(settings, "transformer") as connection:
        logged = connection.execute("select model, reason from decisions.champions").fetchall()
        chosen = connection.execute(
            "select model, choice, fitted_on from scores.model_runs where is_champion"
        ).fetchall()
    assert logged == [(summary["model"], summary["choice"])]
    assert chosen == [(summary["model"], summary["choice"], AS_OF)]
    weeks = [metric for _, _, metric in figures(settings) if metric.startswith("tracking_actual")]
    assert len(weeks) > 50


@pytest.mark.parametrize("model", [name for name in ELIGIBLE if name != "mbg_nbd"])
def test_a_logged_champion_scores_the_night_whatever_the_rule_says(
    company: Settings, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.setattr(ModelInputs, "splits", no_origins)
    with warehouse.connect(company, "transformer") as connection:
        connection.execute(
            "insert into decisions.champions values (%s, %s, %s, 'because')",
            [AS_OF, input_digest(connection, NIGHT), model],
        )
    assert score_histories(company, NIGHT)["model"] == model
    rows = everything(company)
    assert {row[2] for row in rows["model_runs"]} == {"gamma_gamma", "mbg_cnbd_k", model}
    assert len(rows["history_scores"]) == len(rows["history_values"]) > 300


def test_spend_is_fitted_on_what_each_later_day_brought(company: Settings) -> None:
    with warehouse.connect(company, "transformer") as connection:
        connection.execute(
            "update marts.fct_orders set net_sales = 20 + 7 * (order_id % 5)"
            " + 3 * (left(customer_id, 2) = 'c1')::int"
        )
        days = pd.DataFrame(
            connection.execute(
                "select customer_id, ordered_on, sum(net_sales)::float8 from marts.fct_orders"
                " where is_qualifying group by 1, 2 order by 1, 2"
            ).fetchall(),
            columns=["customer", "day", "value"],
        )
    build_model_inputs(company, NIGHT)
    with warehouse.connect(company, "transformer") as connection:
        fitted_on = ModelInputs(connection, NIGHT).later_days()
    own = days.groupby("customer")["value"]
    days["days_before"], days["spent_before"] = own.cumcount(), own.cumsum() - days["value"]
    later = days[days["days_before"] > 0]
    score_histories(company, NIGHT)
    rows = everything(company)["model_parameters"]
    found = {row[4]: float(row[5]) for row in rows if row[2:4] == ("gamma_gamma", AS_OF)}
    assert len(fitted_on) < fitted_on["weight"].sum() == len(later) > 300
    assert found == pytest.approx(NextSpend().fit(later).params, abs=1e-8)


@pytest.mark.parametrize("later", [29, 30])
def test_few_later_days_leave_spend_to_the_shape_of_all_and_it_is_said(later: int) -> None:
    value = pd.Series(range(20, 20 + later), dtype="float64")
    days = pd.DataFrame({"days_before": 1.0, "spent_before": 30.0, "value": value, "weight": 1.0})
    means = pd.DataFrame({"purchase_days": [1.0, 2.0], "monetary_value": [30.0, 40.0], "weight": 9})
    model = known_or_fitted(None, days, means)
    assert isinstance(model, NextSpend) == (later == 30)
    assert any("fewer than 30" in words for words in model.warnings) == (later == 29)
    again = known_or_fitted(model.params, days, means)
    assert (again.params, again.warnings) == (model.params, model.warnings)


SERVE = """
insert into intermediate.int_first_orders_served
select customer_id,
    (right(md5(customer_id), 1) < case when purchase_days = 1 then 'c' else '5' end)::int
from marts.customer_purchase_summaries
where customer_age_days >= 30 and left(md5(customer_id), 1) < %s
"""


def test_the_effect_of_bad_service_is_measured_beside_the_scores(
    company: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most who bought once were served badly, and few of the others: so it drives people away."""
    monkeypatch.setattr(ModelInputs, "splits", no_origins)
    score_histories(company, NIGHT)
    without = everything(company)
    with warehouse.connect(company, "transformer") as connection:
        connection.execute(SERVE, ["8"])
    build_model_inputs(company, NIGHT)
    served = first_orders(company)
    summary = score_histories(company, NIGHT)
    rows = everything(company)
    found = {
        row[4]: (float(row[5]), float(row[6]))
        for row in rows["model_parameters"]
        if row[2] == "pareto_nbd_with_covariates"
    }
    columns = {"rate": ["case_first"], "dropout": ["case_first", "bad_first"]}
    model = WithCovariates(ParetoNBD(), **columns).fit(served)
    assert {name: value for name, (value, _) in found.items()} == pytest.approx(model.params)
    effect, error = found["dropout_bad_first"]
    assert effect > 2 * error > 0
    assert served["weight"].sum() < summary["customers"], "customers under 30 days are left out"
    assert 200 < served.loc[served["case_first"] == 1, "weight"].sum() < 400
    assert rows["history_scores"] == without["history_scores"]
    again = score_histories(company, NIGHT)
    assert again["is_replayed"]
    assert everything(company) == rows


def first_orders(settings: Settings) -> pd.DataFrame:
    """What the effects are fitted on."""
    with warehouse.connect(settings, "transformer") as connection:
        return covariate_effects.with_channels(ModelInputs(connection, NIGHT).first_orders())


CHANNELS = """
with hashed as (
    select customer_id, purchase_days, left(md5('x' || customer_id), 1) as digit,
        row_number() over (order by customer_id collate "C") as place
    from marts.customer_purchase_summaries
    where customer_age_days >= 30
), drawn as (
    select customer_id,
        case when place <= 19 then 'phone'
            when digit < case when purchase_days = 1 then '9' else '3' end then 'the shop'
            else 'web' end as channel
    from hashed
)
update marts.fct_orders set channel = drawn.channel, order_seq = 1
from drawn where fct_orders.customer_id = drawn.customer_id
    and fct_orders.order_id = (
        select order_id from marts.fct_orders as o where o.customer_id = drawn.customer_id
        order by ordered_on, order_id limit 1
    )
"""


def test_whoever_first_bought_elsewhere_is_compared_with_the_commonest_channel(
    company: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most who bought once came by the shop, and few of the others; 19 by telephone are too few."""
    monkeypatch.setattr(ModelInputs, "splits", no_origins)
    with warehouse.connect(company, "transformer") as connection:
        connection.execute(CHANNELS)
    build_model_inputs(company, NIGHT)
    name = "first_the shop_against_web"
    assert list(first_orders(company).columns) == [*covariate_effects.COLUMNS, name, "weight"]
    score_histories(company, NIGHT)
    rows = everything(company)
    found = {
        row[4]: (float(row[5]), float(row[6]))
        for row in rows["model_parameters"]
        if row[2] == COVARIATES
    }
    assert set(found) == {"r", "alpha", "s", "beta", f"rate_{name}", f"dropout_{name}"}
    effect, error = found[f"dropout_{name}"]
    assert effect > 2 * error > 0
    again = score_histories(company, NIGHT)
    assert again["is_replayed"]
    assert everything(company) == rows


def test_a_night_logged_before_channels_were_asked_is_replayed_without_them() -> None:
    served = ((0, 0), (1, 0), (1, 1))
    rows = [(x, 50.0 * x, 400.0, *case, x % 2, 30.0) for x in range(4) for case in served]
    columns = [*covariate_effects.COLUMNS, "first_shop_against_web", "weight"]
    first_orders = pd.DataFrame(rows, columns=columns, dtype="float64")
    fitted = covariate_effects.known_or_fitted(
        None, first_orders.drop(columns="first_shop_against_web")
    )
    assert fitted is not None
    again = covariate_effects.known_or_fitted(fitted.params, first_orders)
    assert again is not None
    assert (again.params, again.log_likelihood) == (fitted.params, fitted.log_likelihood)


def test_the_largest_channels_that_are_not_the_commonest_are_compared() -> None:
    sizes = [("web", 900), ("shop", 80), ("phone", 19)]
    assert covariate_effects.compared_channels(sizes) == {"first_shop_against_web": "shop"}
    many = [("web", 900), *((f"c{n}", 100) for n in range(9))]
    assert list(covariate_effects.compared_channels(many).values()) == ["c0", "c1", "c2", "c3"]
    assert covariate_effects.compared_channels([]) == {}


def test_too_few_served_badly_say_nothing(company: Settings) -> None:
    with warehouse.connect(company, "transformer") as connection:
        connection.execute(SERVE, ["1"])
    build_model_inputs(company, NIGHT)
    score_histories(company, NIGHT)
    fits = {row[2] for row in everything(company)["model_runs"]}
    assert "pareto_nbd_with_covariates" not in fits
    assert "pareto_nbd" in fits


def test_an_origin_is_judged_again_only_when_something_of_it_changed(
    scored: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(scored)["model_backtests"]
    judged_at: list[date] = []

    def counted(past: Past, *arguments: Any) -> list[Metric]:
        judged_at.append(past.split.origin)
        return evaluate_models(past, *arguments)

    monkeypatch.setattr(night_backtest, "evaluate_models", counted)
    with warehouse.connect(scored, "transformer") as connection:
        connection.execute(
            "insert into marts.fct_orders (customer_id, ordered_on, is_qualifying)"
            " select customer_id, '2026-09-01', true from marts.fct_orders"
            " where ordered_on < '2026-01-01' order by 1 limit 1"
        )
    build_model_inputs(scored, NIGHT)
    score_histories(scored, NIGHT)
    assert judged_at == [date(2026, 3, 31)]
    after = everything(scored)["model_backtests"]

    def of_other_origins(rows: list[tuple]) -> list[tuple]:
        """Without the ranges of totals, which hang on the misses at all origins."""
        hang_on_all = ("total_p10", "total_p90", "total_within_80")
        return [r for r in rows if r[1] != date(2026, 3, 31) and not r[4].endswith(hang_on_all)]

    assert of_other_origins(after) == of_other_origins(before)
    assert after != before


def past_at(settings: Settings, origin: date) -> Past:
    with warehouse.connect(settings, "transformer") as connection:
        inputs = ModelInputs(connection, NIGHT)
        (split,) = (split for split in inputs.splits() if split.origin == origin)
        return inputs.past(split, inputs.window().sampled_share)


KNOWN_AND_NOT = """
insert into marts.fct_orders (customer_id, ordered_on, is_qualifying, status, net_sales) values
    ('a', '2026-01-10', false, 'paid', 0), ('a', '2026-02-10', true, 'paid', 30),
    ('a', '2026-04-10', true, 'paid', 20), ('a', '2026-05-10', false, 'cancelled', 30);
insert into marts.fct_refunds values
    ('late', 1, 30, '2026-02-01', false), ('last', 3, 10, '2026-04-20', false);
insert into intermediate.int_refund_arrivals values
    ('late', '2026-03-05', false), ('last', '2026-04-21', false);
insert into intermediate.int_order_states values
    (1, 'pending', '2026-01-10', '2026-01-10', false, 1, 1),
    (1, 'paid', '2026-01-12', '2026-01-12', false, 2, 1),
    (1, 'pending', '2026-01-11', '2026-01-13', false, 3, 1),
    (2, 'paid', '2026-02-10', '2026-02-20', false, 4, 1),
    (3, 'paid', '2026-04-10', '2026-04-10', false, 5, 1),
    (4, 'paid', '2026-05-10', '2026-05-11', false, 6, 1),
    (4, 'cancelled', '2026-05-20', '2026-06-02', false, 7, 1);
"""


ORIGINS = """
create table marts.backtest_origins as
select on_day as origin, date '2025-01-01' as starts_on, on_day + 91 as ends_on,
    on_day - 91 as recent_after
from unnest(%s::date[]) as on_day
"""


def know(settings: Settings, origins: list[date], change: str = "select 1") -> Settings:
    """Orders and refunds that became known bit by bit, seen from these origins."""
    fill(settings, [])
    with warehouse.connect(settings, "transformer") as connection:
        for statement in (KNOWN_AND_NOT, change):
            connection.execute(statement)
        connection.execute(ORIGINS, [origins])
    build_model_inputs(settings, NIGHT, without=["backtest_origins"])
    return settings


SEEN_FROM = [
    date(2026, 1, 11),
    date(2026, 1, 13),
    date(2026, 2, 15),
    date(2026, 2, 25),
    date(2026, 3, 10),
    date(2026, 4, 20),
    date(2026, 4, 21),
    date(2026, 5, 31),
    date(2026, 6, 2),
]


@pytest.fixture(scope="module")
def known(make_world: Callable) -> Settings:
    return renamed(know(make_world("known"), SEEN_FROM), "known")


@pytest.mark.parametrize(
    ("origin", "features", "outcome"),
    [
        (date(2026, 1, 11), None, None),  # not paid yet, as far as was known
        (date(2026, 1, 13), (0, 0, 3, 30), (2, 50)),  # an older version counts for nothing
        (date(2026, 2, 15), (0, 0, 36, 30), (1, 20)),  # the second order has not been told
        (date(2026, 2, 25), (1, 31, 46, 30), (1, 20)),
        (date(2026, 3, 10), (0, 0, 28, 30), (1, 20)),  # the first came back: so it began later
        (date(2026, 4, 20), (1, 59, 69, 30), (0, 0)),  # a refund is known the day it is told
        (date(2026, 4, 21), (1, 59, 70, 25), (0, 0)),
        (date(2026, 5, 31), (2, 89, 110, 80 / 3), (0, 0)),  # sold as far as was known
        (date(2026, 6, 2), (1, 59, 112, 25), (0, 0)),
    ],
)
def test_an_origin_knows_what_had_been_delivered_and_is_judged_by_what_settled(
    known: Settings, origin: date, features: tuple | None, outcome: tuple | None
) -> None:
    cells = past_at(known, origin).cells
    if features is None:
        assert cells.empty
        return
    (row,) = cells.to_dict("records")
    assert [row[name] for name in FEATURES[:4]] == pytest.approx(features, abs=1e-5)
    assert (row["actual"], row["spend"]) == outcome


@pytest.mark.parametrize(
    ("origin", "later"),
    [
        (date(2026, 2, 15), []),
        (date(2026, 2, 25), [[1, 30, 30, 1]]),
        (date(2026, 3, 10), []),  # the first came back
        (date(2026, 4, 20), [[1, 30, 30, 1]]),
        (date(2026, 4, 21), [[1, 30, 20, 1]]),  # a refund is known the day it is told
        (date(2026, 5, 31), [[1, 30, 20, 1], [2, 50, 30, 1]]),
    ],
)
def test_spend_at_an_origin_is_fitted_on_later_days_as_known_then(
    known: Settings, origin: date, later: list
) -> None:
    assert past_at(known, origin).later_days.to_numpy().tolist() == later


def test_spend_at_an_origin_is_the_nights_own_law_fitted_on_what_was_known(
    company: Settings,
) -> None:
    with warehouse.connect(company, "transformer") as connection:
        connection.execute(
            "update marts.fct_orders set net_sales = 20 + 7 * (order_id % 5),"
            " gross_sales = 20 + 7 * (order_id % 5)"
        )
    build_model_inputs(company, NIGHT)
    score_histories(company, NIGHT)
    origin = date(2026, 3, 31)
    rows = everything(company)["model_parameters"]
    found = {row[4]: float(row[5]) for row in rows if row[2:4] == ("gamma_gamma", origin)}
    later = past_at(company, origin).later_days
    assert later["weight"].sum() > 100
    assert found == pytest.approx(NextSpend().fit(later).params, abs=1e-8)


FIRST_DELIVERY = """
update intermediate.int_order_states set is_first_delivery = true;
update intermediate.int_refund_arrivals set is_first_delivery = true;
"""


def test_what_the_first_delivery_brought_is_known_on_its_own_date(bare: Settings) -> None:
    origin = date(2026, 2, 15)
    know(bare, [origin], FIRST_DELIVERY)
    cells = past_at(bare, origin).cells
    assert cells[["frequency", "T"]].to_numpy().tolist() == [[0, 5]]


def test_many_customers_are_judged_by_a_fixed_part_of_them(
    simulated: Settings, tmp_path: Path
) -> None:
    whole = past_at(simulated, date(2026, 3, 31))
    company = clone(simulated, "sampled", tmp_path / "home")  # parsed with another variable
    build_model_inputs(company, NIGHT, backtest_customers=200)
    part = past_at(company, date(2026, 3, 31))
    drop_database(company)
    assert (whole.share, part.share) == (1.0, 0.25)
    assert 0.15 < part.customers / whole.customers < 0.35


def test_a_young_company_gets_a_reason_in_place_of_a_backtest(bare: Settings) -> None:
    days = [(f"c{n}", AS_OF - timedelta(days=n % 40)) for n in range(60)]
    fill(bare, days)
    build_model_inputs(bare, NIGHT)
    score_histories(bare, NIGHT)
    rows = everything(bare)
    assert rows["model_backtests"] == []
    warnings = {row[2]: row[10] for row in rows["model_runs"]}
    assert "no backtest" in warnings["mbg_nbd"]
    assert "nobody has bought twice" in warnings["mbg_nbd"]


def test_an_empty_company_gets_no_scores_and_a_warning(bare: Settings) -> None:
    fill(bare, [])
    build_model_inputs(bare, NIGHT)
    summary = score_histories(bare, NIGHT)
    rows = everything(bare)
    assert summary["histories"] == 0
    assert rows["history_scores"] == rows["model_parameters"] == []
    warnings = {row[2]: row[10] for row in rows["model_runs"]}
    assert "no purchase histories" in warnings["mbg_nbd"]
    assert "positive net sales" in warnings["gamma_gamma"]


def test_a_rebuild_scores_beside_the_live_tables(scored: Settings) -> None:
    with warehouse.connect(scored, "transformer") as connection:
        for schema in ("staging", "intermediate", "marts"):
            connection.execute(f"alter schema {schema} rename to rebuild_{schema}")
    before = everything(scored)["history_scores"]
    score_histories(scored, Night(AS_OF, prefix="rebuild_"))
    with warehouse.connect(scored, "transformer") as connection:
        rebuilt = connection.execute(
            "select * from rebuild_scores.history_scores order by 1, 2, 3, 4"
        ).fetchall()
    assert rebuilt == before


def test_scores_are_replaced_whole_or_not_at_all(
    scored: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(scored)

    def broken(*arguments: object) -> list:
        raise psycopg.OperationalError("the line went dead")

    monkeypatch.setattr(model_rows, "figures", broken)
    with pytest.raises(psycopg.OperationalError):
        score_histories(scored, NIGHT)
    assert everything(scored) == before
