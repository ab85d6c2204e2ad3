"""The scoring step on hand-made marts in a real warehouse."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import psycopg
import pytest

from regulars import scoring, warehouse
from regulars.clv import ModifiedBetaGeometric
from regulars.night import Night, input_digest
from regulars.settings import Settings

AS_OF = date(2026, 10, 31)
START = date(2025, 1, 1)
NIGHT = Night(AS_OF)


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
    feed text, delivered_on date, revision int, sha256 text
);
insert into staging.stg_deliveries values ('orders', '2026-10-31', 0, 'abc');
create table marts.fct_orders (customer_id text, ordered_on date, is_qualifying boolean);
create table marts.customer_purchase_summaries (
    customer_id text, purchase_days int, monetary_value numeric(18, 6),
    first_purchase_on date, last_purchase_on date
);
create table intermediate.int_purchase_histories (
    frequency int, recency_days int, customer_age_days int, customers bigint
);
"""

SUMMARISE = """
insert into marts.customer_purchase_summaries
select customer_id, count(distinct ordered_on),
    20 + (('x' || substr(md5(customer_id), 1, 4))::bit(16)::int % 400) / 10.0,
    min(ordered_on), max(ordered_on)
from marts.fct_orders where is_qualifying group by 1;
insert into intermediate.int_purchase_histories
select purchase_days - 1, last_purchase_on - first_purchase_on,
    date '2026-10-31' - first_purchase_on, count(*)
from marts.customer_purchase_summaries group by 1, 2, 3;
"""


def fill(settings: Settings, days: Iterable[tuple[str, date]]) -> None:
    """Marts as the build would leave them, for these purchase days."""
    with warehouse.connect(settings, "transformer") as connection:
        connection.execute(MARTS)
        with (
            connection.cursor() as cursor,
            cursor.copy("copy marts.fct_orders from stdin") as copy,
        ):
            for customer, day in days:
                copy.write_row((customer, day, True))
        connection.execute(SUMMARISE)


def everything(settings: Settings) -> dict[str, list[tuple]]:
    """All rows of the scores tables, in key order."""
    with warehouse.connect(settings, "transformer") as connection:
        return {
            table: connection.execute(
                f"select * from scores.{table} order by 1, 2, 3, 4"
            ).fetchall()
            for table in (
                "history_scores",
                "history_values",
                "model_parameters",
                "model_runs",
                "model_backtests",
            )
        }


@pytest.fixture
def company(warehouse_settings: Settings) -> Settings:
    """Settings of a warehouse with 600 customers' marts."""
    fill(warehouse_settings, purchase_days(seed=7, customers=600))
    return warehouse_settings


def test_every_distinct_history_is_scored_as_the_model_says(company: Settings) -> None:
    summary = scoring.score(company, NIGHT)
    rows = everything(company)["history_scores"]
    assert len(rows) == summary["histories"] > 300
    with warehouse.connect(company, "transformer") as connection:
        histories = scoring._histories(connection, NIGHT)
        parameters = dict(
            connection.execute(
                "select parameter, value::float from scores.model_parameters"
                " where model = 'mbg_nbd'"
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
    company: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = scoring.score(company, NIGHT)
    before = everything(company)

    def no_fit(self: object, data: object) -> None:
        raise AssertionError("a logged night was fitted anew")

    monkeypatch.setattr(ModifiedBetaGeometric, "fit", no_fit)
    monkeypatch.setattr(scoring.GammaGamma, "fit", no_fit)
    again = scoring.score(company, NIGHT)
    assert first["is_replayed"] is False
    assert again["is_replayed"] is True
    assert everything(company) == before


def test_logged_parameters_win_over_a_fit(company: Settings) -> None:
    with warehouse.connect(company, "transformer") as connection:
        digest = input_digest(connection, NIGHT)
        for name, value in {"r": 1, "alpha": 50, "a": 1, "b": 3}.items():
            connection.execute(
                "insert into decisions.parameters values (%s, %s, 'mbg_nbd', %s, %s, 'r', '{}')",
                [AS_OF, digest, name, value],
            )
    scoring.score(company, NIGHT)
    found = [row[2:] for row in everything(company)["model_parameters"] if row[2] == "mbg_nbd"]
    assert sorted(found) == [
        ("mbg_nbd", "a", Decimal("1")),
        ("mbg_nbd", "alpha", Decimal("50")),
        ("mbg_nbd", "b", Decimal("3")),
        ("mbg_nbd", "r", Decimal("1")),
    ]


def test_another_input_is_fitted_anew(company: Settings) -> None:
    scoring.score(company, NIGHT)
    with warehouse.connect(company, "transformer") as connection:
        connection.execute("insert into staging.stg_deliveries values ('x', '2026-10-31', 0, 'd')")
    assert scoring.score(company, NIGHT)["is_replayed"] is False


def test_the_backtest_stands_beside_plain_baselines(company: Settings) -> None:
    scoring.score(company, NIGHT)
    metrics = {(row[1], row[2]): float(row[3]) for row in everything(company)["model_backtests"]}
    models = {model for model, _ in metrics}
    assert models == {"mbg_nbd", "past_rate", "all_zero"}
    with warehouse.connect(company, "transformer") as connection:
        origin = AS_OF - timedelta(days=int(metrics["mbg_nbd", "horizon_days"]))
        (actual,) = connection.execute(
            "select count(distinct (customer_id, ordered_on)) from marts.fct_orders as late"
            " where ordered_on > %(origin)s and exists (select from marts.fct_orders as early"
            " where early.customer_id = late.customer_id and early.ordered_on <= %(origin)s)",
            {"origin": origin},
        ).fetchone()
    for model in models:
        assert metrics[model, "actual_total"] == actual
    assert abs(metrics["mbg_nbd", "bias"]) < 0.25
    assert metrics["mbg_nbd", "rmse"] < metrics["past_rate", "rmse"]
    assert metrics["all_zero", "bias"] == -1
    bands = [n for n in range(8) if ("mbg_nbd", f"actual_by_frequency_{n}") in metrics]
    total = sum(
        metrics["mbg_nbd", f"customers_by_frequency_{n}"]
        * metrics["mbg_nbd", f"actual_by_frequency_{n}"]
        for n in bands
    )
    assert total == pytest.approx(actual, abs=0.01)
    weeks = int(metrics["mbg_nbd", "horizon_days"]) // 7
    assert metrics["mbg_nbd", f"actual_by_week_{weeks}"] <= actual
    assert metrics["mbg_nbd", f"expected_by_week_{weeks}"] == pytest.approx(
        metrics["mbg_nbd", "expected_total"], rel=0.05
    )


def test_a_young_company_gets_a_reason_in_place_of_a_backtest(
    warehouse_settings: Settings,
) -> None:
    days = [(f"c{n}", AS_OF - timedelta(days=n % 40)) for n in range(60)]
    fill(warehouse_settings, days)
    scoring.score(warehouse_settings, NIGHT)
    rows = everything(warehouse_settings)
    assert rows["model_backtests"] == []
    warnings = {row[2]: row[7] for row in rows["model_runs"]}
    assert "no backtest" in warnings["mbg_nbd"]
    assert "nobody has bought twice" in warnings["mbg_nbd"]


def test_an_empty_company_gets_no_scores_and_a_warning(warehouse_settings: Settings) -> None:
    fill(warehouse_settings, [])
    summary = scoring.score(warehouse_settings, NIGHT)
    rows = everything(warehouse_settings)
    assert summary["histories"] == 0
    assert rows["history_scores"] == rows["model_parameters"] == []
    warnings = {row[2]: row[7] for row in rows["model_runs"]}
    assert "no purchase histories" in warnings["mbg_nbd"]
    assert "positive net sales" in warnings["gamma_gamma"]


def test_a_rebuild_scores_beside_the_live_tables(company: Settings) -> None:
    scoring.score(company, NIGHT)
    with warehouse.connect(company, "transformer") as connection:
        for schema in ("staging", "intermediate", "marts"):
            connection.execute(f"alter schema {schema} rename to rebuild_{schema}")
    before = everything(company)["history_scores"]
    scoring.score(company, Night(AS_OF, prefix="rebuild_"))
    with warehouse.connect(company, "transformer") as connection:
        rebuilt = connection.execute(
            "select * from rebuild_scores.history_scores order by 1, 2, 3, 4"
        ).fetchall()
    assert rebuilt == before


def test_scores_are_replaced_whole_or_not_at_all(
    company: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    scoring.score(company, NIGHT)
    before = everything(company)

    def broken(*arguments: object) -> list:
        raise psycopg.OperationalError("the line went dead")

    monkeypatch.setattr(scoring.backtesting, "judge", broken)
    with pytest.raises(psycopg.OperationalError):
        scoring.score(company, NIGHT)
    assert everything(company) == before
