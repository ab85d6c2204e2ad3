"""What the page of the worlds says of a backtest is what the night's tables and report say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from regulars.report.sections import ModelCheck, ModelRun, OriginCheck
from studies.worlds.backtests import PLAIN, SCORE, measured

EARLIER, LATER = date(2025, 3, 31), date(2025, 6, 30)


def row(origin: date, model: str, metric: str, value: float) -> dict[str, Any]:
    return {"origin": origin, "model": model, "metric": metric, "value": value}


def test_figures_are_the_champions_means_over_the_dates() -> None:
    rows = [
        row(EARLIER, "mbg_nbd", "net_sales_coverage_80", 0.7),
        row(LATER, "mbg_nbd", "net_sales_coverage_80", 0.8),
        row(LATER, "pareto_nbd", "net_sales_coverage_80", 0.1),
        *(row(EARLIER, "mbg_nbd", f"pit_{n}", 0.1) for n in range(1, 11)),
        *(row(LATER, "mbg_nbd", f"pit_{n}", 0.08 if n < 10 else 0.28) for n in range(1, 11)),
    ]
    found = measured(ModelCheck(model="mbg_nbd"), rows)
    assert found.inside == pytest.approx(0.75)
    assert found.tenths == pytest.approx((0.09, 0.19))
    assert found.sales_tenths is None


def test_the_score_is_set_against_the_plain_law() -> None:
    rows = [row(LATER, "mbg_nbd", SCORE, 30.0), row(LATER, PLAIN, SCORE, 40.0)]
    assert measured(ModelCheck(model="mbg_nbd"), rows).score == 0.75
    assert measured(ModelCheck(model="mbg_nbd"), rows[:1]).score is None


def test_a_total_that_was_not_judged_counts_neither_way() -> None:
    origins = [
        OriginCheck(on, 365, None, None, None, None, total_within=within)
        for on, within in ((EARLIER, True), (LATER, False), (date(2025, 9, 30), None))
    ]
    found = measured(ModelCheck(model="mbg_nbd", origins=tuple(origins)), [])
    assert found.totals == [(1, 2), (0, 0)]


def test_the_report_is_quoted_or_the_reason_why_there_is_no_backtest() -> None:
    check = ModelCheck(model="mbg_nbd", verdict="Trust it.", ranges="Ranges hold.")
    assert measured(check, []).report_words == "Trust it. Ranges hold."
    run = ModelRun("mbg_nbd", "", "", 0.0, 1, 1, True, ("a is at a bound", "no backtest: 5 days"))
    assert (
        measured(ModelCheck(runs=(run,), model="mbg_nbd"), []).report_words == "no backtest: 5 days"
    )
