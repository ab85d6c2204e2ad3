"""What the backtest means for somebody who acts on the lists, in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from regulars.backtesting.champion import SLOPE
from regulars.report.sections import BacktestError, OriginCheck
from regulars.report.words import percent, plural
from regulars.results.effect import Z_95

MUCH = 0.25  # a total this far off is no figure for a budget
LITTLE = 0.10
FEWEST_TOTALS = 2
MOST_TIMES = 100  # more is no figure to repeat
COVERAGE = (0.72, 0.88)  # of a range that should hold 80%
BELOW_P90 = 0.87  # at least, where 90% should
BEST_RULE = "past_spend"


def verdict(
    model: str, origins: Sequence[OriginCheck], errors: Sequence[BacktestError]
) -> str | None:
    """One sentence of judgement, one of evidence; None without a backtest."""
    own = next((row for row in errors if row.model == model), None)
    known = [origin.bias for origin in origins if origin.bias is not None]
    if own is None or own.bias is None or not known:
        return None
    rules = [row for row in errors if row.against and row.model.startswith(("past", "last", "all"))]
    off = max(abs(bias) for bias in known)
    slopes = [origin.slope for origin in origins if origin.slope is not None]
    lead = _lead(
        beats_rules=all(row.against and row.against[0] > 0 for row in rules),
        slope=sum(slopes) / len(slopes) if slopes else None,
        off=off,
    )
    return f"{lead} {_evidence(len(known), off, own, errors)}"


def of_ranges(origins: Sequence[OriginCheck]) -> str | None:
    """Whether ranges of value held at past dates, and what to make of it; None if not judged."""
    known = [origin for origin in origins if origin.sales_coverage is not None]
    if not known:
        return None
    inside = sum(origin.sales_coverage or 0.0 for origin in known) / len(known)
    words = (
        f"Of those who bought, {percent(inside)} spent between their P10 and P90 of net sales "
        "(80% should)"
    )
    tops = [o.sales_below_p90 for o in known if o.sales_below_p90 is not None]
    below = sum(tops) / len(tops) if tops else None
    if below is not None:
        words += f"; {percent(below)} stayed below a P90 above zero (90% should)"
    return f"{words}. {_of_inside(inside, below)}"


def of_totals(origins: Sequence[OriginCheck]) -> str | None:
    """How often past totals lay within their ranges; None where fewer than two were judged."""
    orders = [o.total_within for o in origins if o.total_within is not None]
    money = [o.sales_total_within for o in origins if o.sales_total_within is not None]
    if len(orders) < FEWEST_TOTALS:
        return None
    words = f"{sum(orders)} of {len(orders)} past totals of orders"
    if money:
        words += f" and {sum(money)} of {len(money)} of net sales"
    return (
        f"{words} lay within the range that the misses at the other dates give them (4 in 5 "
        "should): few dates, whose test periods overlap, so take a total's range as a guess"
    )


def of_service(effect: float, error: float) -> str:
    """What a bad first case does to leaving. effect: logarithm of the ratio of hazards."""
    low, high = effect - Z_95 * error, effect + Z_95 * error
    words = (
        "Customers whose first order led to a case that went badly (a reply too late, a bad score, "
        f"a complaint still open) leave {_times(effect)} times as readily as those whose case went "
        f"well (95%: {_times(low)} to {_times(high)} times)"
    )
    if low > 0:
        return f"{words}: bad service drives customers away here."
    if high < 0:
        return f"{words}: the other way round than service could do it, so something else differs."
    return f"{words}: too few to tell, or no difference."


def of_channel(
    channel: str, commonest: str, rate: tuple[float, float], dropout: tuple[float, float]
) -> str:
    """How those differ who first bought through a channel. Effects, each with its standard error,
    are logarithms of the ratios of purchase rates and of hazards of leaving."""
    words = (
        f"Customers whose first order came by “{channel}” leave {_ratio(*dropout)} as readily as "
        f"those whose first came by “{commonest}”, and buy {_ratio(*rate)} as often while they stay"
    )
    differ = [
        more if effect > 0 else less
        for (effect, error), more, less in (
            (dropout, "leave sooner", "stay longer"),
            (rate, "buy more often", "buy less often"),
        )
        if abs(effect) > Z_95 * error
    ]
    if not differ:
        return f"{words}: too few to tell, or no difference."
    return f"{words}: they {' and '.join(differ)}, be it the channel or who comes by it."


def _ratio(effect: float, error: float) -> str:
    low, high = effect - Z_95 * error, effect + Z_95 * error
    return f"{_times(effect)} times (95%: {_times(low)} to {_times(high)})"


def _times(logarithm: float) -> str:
    return (
        f"{math.exp(logarithm):.1f}" if logarithm < math.log(MOST_TIMES) else f"over {MOST_TIMES}"
    )


def _of_inside(inside: float, below: float | None) -> str:
    if inside < COVERAGE[0]:
        return "Ranges of value are too narrow here: read them as the least that can happen."
    if inside > COVERAGE[1]:
        return "Ranges of value are wider here than they need be."
    if below is not None and below < BELOW_P90:
        return "P90 is too low here: the best years are better than it says."
    return "Ranges of value can be believed."


def _lead(beats_rules: bool, slope: float | None, off: float) -> str:
    if not beats_rules:
        return "Do not lean on these values: a plain rule would have done as well."
    if slope is None or not SLOPE[0] <= slope <= SLOPE[1]:
        return "Trust who comes before whom; the differences between people are not to scale."
    if off > MUCH:
        return "Trust who comes before whom, and no total: seasons or growth move it."
    if off > LITTLE:
        return "Trust who comes before whom, and totals to about a fifth or a quarter."
    return "Trust it: who comes before whom, and how much in all."


def _evidence(times: int, off: float, own: BacktestError, errors: Sequence[BacktestError]) -> str:
    at = "a past date" if times == 1 else f"{plural(times, 'past date')}"
    by = "off by" if times == 1 else "never off by more than"
    words = f"Tested at {at}, its total of purchases was {by} {percent(off)}"
    rule = next((row for row in errors if row.model == BEST_RULE), None)
    if own.spend_share is None or rule is None or rule.spend_share is None:
        return f"{words}."
    return (
        f"{words}; the tenth of people it put first brought {percent(own.spend_share)} of the "
        f"spend, the tenth who had spent most before {percent(rule.spend_share)}."
    )
