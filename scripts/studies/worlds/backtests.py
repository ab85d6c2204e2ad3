"""What a world's night found in its own backtest, and what its report says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Any

from regulars import warehouse
from regulars.night import Night
from regulars.report.queries import model_check
from regulars.report.queries.ask import fetch
from regulars.report.sections import ModelCheck
from regulars.sample_company import LAST_NIGHT
from regulars.settings import Settings

PLAIN = "last_period"  # its distribution of money: anybody may spend what anybody just spent
SCORE = "net_sales_interval_score_80"
NO_BACKTEST = "no backtest"  # how a fit's warning begins that says why there is none


@dataclass(frozen=True)
class Backtest:
    """The champion's figures, means over the night's origins; None where nothing was judged.

    origins            how many, each judged on the `days` that followed
    tenths             least and most share of customers in a tenth of the PIT of purchases
    sales_tenths       the same of net sales
    inside             share of buyers whose net sales lay between their P10 and P90
    below_p90          share of customers with a P90 above zero who came to no more than it: in
                       purchases, in net sales
    score              interval score of net sales ÷ that of the plain distribution
    totals             how many totals lay within their range, of how many: purchases, net sales
    said               the report's sentences
    """

    champion: str
    origins: int
    days: int
    tenths: Sequence[float] | None
    sales_tenths: Sequence[float] | None
    inside: float | None
    below_p90: Sequence[float | None]
    score: float | None
    totals: Sequence[Sequence[int]]
    report_words: str


def read(settings: Settings) -> Backtest:
    """From the tables that the last night's report was written from."""
    night = Night(LAST_NIGHT)
    with warehouse.connect(settings, "admin") as connection:
        return measured(
            model_check.check(connection, night), fetch(connection, night, model_check.BACKTESTS)
        )


def measured(check: ModelCheck, rows: Sequence[Mapping[str, Any]]) -> Backtest:
    """`rows` of model_backtests, and what the report makes of them."""
    own, plain = (
        _means(model_check.by_origin(rows, check.model)),
        _means(model_check.by_origin(rows, PLAIN)),
    )
    return Backtest(
        champion=check.model or "",
        origins=len(check.origins),
        days=check.horizon_days or 0,
        tenths=_ends(model_check.tenths(own, "pit")),
        sales_tenths=_ends(model_check.tenths(own, "net_sales_pit")),
        inside=own.get("net_sales_coverage_80"),
        below_p90=(own.get("below_p90"), own.get("net_sales_below_p90")),
        score=own[SCORE] / plain[SCORE] if SCORE in own and plain.get(SCORE) else None,
        totals=[
            _count(origin.total_within for origin in check.origins),
            _count(origin.sales_total_within for origin in check.origins),
        ],
        report_words=" ".join(filter(None, (check.verdict, check.ranges))) or _why_none(check),
    )


def _why_none(check: ModelCheck) -> str:
    """In the words of the champion's warnings, as the report prints them."""
    own = [words for run in check.runs[:1] for words in run.warnings]
    return "; ".join(words for words in own if words.startswith(NO_BACKTEST))


def _means(at: Mapping[date, Mapping[str, float]]) -> dict[str, float]:
    """Of each metric, over the origins that have it."""
    names = {name for metrics in at.values() for name in metrics}
    return {name: fmean(m[name] for m in at.values() if name in m) for name in names}


def _ends(shares: Sequence[float]) -> tuple[float, float] | None:
    return (min(shares), max(shares)) if shares else None


def _count(within: Iterable[bool | None]) -> tuple[int, int]:
    known = [each for each in within if each is not None]
    return sum(known), len(known)
