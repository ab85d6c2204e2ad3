"""What the backtest means for somebody who acts on the lists, in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from regulars.backtesting.champion import SLOPE
from regulars.phrases import say
from regulars.report.sections import BacktestError, OriginCheck
from regulars.report.words import decimal, percent
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
    words = say(
        "Of those who bought, {share} spent between their P10 and P90 of net sales (80% should)",
        share=percent(inside),
    )
    tops = [o.sales_below_p90 for o in known if o.sales_below_p90 is not None]
    below = sum(tops) / len(tops) if tops else None
    if below is not None:
        words += say("; {share} stayed below a P90 above zero (90% should)", share=percent(below))
    return f"{words}. {_of_inside(inside, below)}"


def of_totals(origins: Sequence[OriginCheck]) -> str | None:
    """How often past totals lay within their ranges; None where fewer than two were judged."""
    orders = [o.total_within for o in origins if o.total_within is not None]
    money = [o.sales_total_within for o in origins if o.sales_total_within is not None]
    if len(orders) < FEWEST_TOTALS:
        return None
    words = say("{inside} of {all} past totals of orders", inside=sum(orders), all=len(orders))
    if money:
        words += say(" and {inside} of {all} of net sales", inside=sum(money), all=len(money))
    return words + say(
        " lay within the range that the misses at the other dates give them (4 in 5 should): few"
        " dates, whose test periods overlap, so take a total's range as a guess"
    )


def of_service(effect: float, error: float) -> str:
    """What a bad first case does to leaving. effect: logarithm of the ratio of hazards."""
    low, high = effect - Z_95 * error, effect + Z_95 * error
    words = say(
        "Customers whose first order led to a case that went badly (a reply too late, a bad score,"
        " a complaint still open) leave {times} as readily as those whose case went well",
        times=_ratio(effect, error),
    )
    if low > 0:
        return words + say(": bad service drives customers away here.")
    if high < 0:
        return words + say(
            ": the other way round than service could do it, so something else differs."
        )
    return words + say(": too few to tell, or no difference.")


def of_channel(
    channel: str, commonest: str, rate: tuple[float, float], dropout: tuple[float, float]
) -> str:
    """How those differ who first bought through a channel. Effects, each with its standard error,
    are logarithms of the ratios of purchase rates and of hazards of leaving."""
    words = say(
        "Customers whose first order came by “{channel}” leave {readily} as readily as those whose"
        " first came by “{commonest}”, and buy {often} as often while they stay",
        channel=channel,
        readily=_ratio(*dropout),
        commonest=commonest,
        often=_ratio(*rate),
    )
    differ = [
        more if effect > 0 else less
        for (effect, error), more, less in (
            (dropout, say("leave sooner"), say("stay longer")),
            (rate, say("buy more often"), say("buy less often")),
        )
        if abs(effect) > Z_95 * error
    ]
    if not differ:
        return words + say(": too few to tell, or no difference.")
    return words + say(
        ": they {differ}, be it the channel or who comes by it.", differ=say(" and ").join(differ)
    )


def _ratio(effect: float, error: float) -> str:
    low, high = effect - Z_95 * error, effect + Z_95 * error
    return say(
        "{times} times (95%: {low} to {high})",
        times=_times(effect),
        low=_times(low),
        high=_times(high),
    )


def _times(logarithm: float) -> str:
    if logarithm < math.log(MOST_TIMES):
        return decimal(math.exp(logarithm), 1)
    return say("over {number}", number=MOST_TIMES)


def _of_inside(inside: float, below: float | None) -> str:
    if inside < COVERAGE[0]:
        return say("Ranges of value are too narrow here: read them as the least that can happen.")
    if inside > COVERAGE[1]:
        return say("Ranges of value are wider here than they need be.")
    if below is not None and below < BELOW_P90:
        return say("P90 is too low here: the best years are better than it says.")
    return say("Ranges of value can be believed.")


def _lead(beats_rules: bool, slope: float | None, off: float) -> str:
    if not beats_rules:
        return say("Do not lean on these values: a plain rule would have done as well.")
    if slope is None or not SLOPE[0] <= slope <= SLOPE[1]:
        return say("Trust who comes before whom; the differences between people are not to scale.")
    if off > MUCH:
        return say("Trust who comes before whom, and no total: seasons or growth move it.")
    if off > LITTLE:
        return say("Trust who comes before whom, and totals to about a fifth or a quarter.")
    return say("Trust it: who comes before whom, and how much in all.")


def _evidence(times: int, off: float, own: BacktestError, errors: Sequence[BacktestError]) -> str:
    words = (
        say("Tested at a past date, its total of purchases was off by {share}", share=percent(off))
        if times == 1
        else say(
            "Tested at {times} past dates, its total of purchases was never off by more than"
            " {share}",
            times=times,
            share=percent(off),
        )
    )
    rule = next((row for row in errors if row.model == BEST_RULE), None)
    if own.spend_share is None or rule is None or rule.spend_share is None:
        return f"{words}."
    return words + say(
        "; the tenth of people it put first brought {own} of the spend, the tenth who had spent"
        " most before {rule}.",
        own=percent(own.spend_share),
        rule=percent(rule.spend_share),
    )
