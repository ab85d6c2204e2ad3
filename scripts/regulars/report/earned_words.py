"""What a list has earned, in a sentence: an amount only where it may be announced, else since when
it is being measured, what would be seen, and by when."""

from __future__ import annotations

from decimal import Decimal

from regulars.report.sections import Earned, ListResult, TonightsList
from regulars.report.words import DASH, MINUS, cents, count, day, money


def earned(tonights_list: TonightsList, currency: str) -> str:
    """For a card: one or two sentences, without the list's name."""
    if tonights_list.list_class != "marketing":
        return {
            "service": "not measured: it is owed to each of them, so nobody is held out",
        }.get(tonights_list.list_class, "not measured: nobody is contacted")
    result = tonights_list.result or ListResult()
    if result.whole is None:
        return _before_the_first(result)
    if result.whole.lift is None:
        return (
            f"not determinable: of {count(result.whole.treated)} people whose outcome is settled"
            f" {count(result.whole.held)} were held out, which is too few to compare"
        )
    return _measured(result.whole, result, currency)


def _before_the_first(result: ListResult) -> str:
    if result.since is None:
        return "not measured yet: nobody has entered it"
    settled = f"; the first outcomes are settled on {day(result.settles_on)}"
    return f"not measured yet, since {day(result.since)}" + (settled if result.settles_on else "")


def _measured(whole: Earned, result: ListResult, currency: str) -> str:
    head = f"{signed(whole.lift, currency)} a head{interval(whole, currency)}"
    after = f"{money(whole.net_return, currency)} after what the contacts cost"
    if whole.verdict == "gain":
        return f"{head}, {after}"
    if whole.verdict == "harm":
        return f"a loss: {head}, {after}. Consider stopping it"
    since = f" since {day(result.since)}" if result.since else ""
    return f"not determinable{since}: {head} so far. {detectable(whole, currency)}"


def interval(whole: Earned, currency: str) -> str:
    if whole.lift_low is None or whole.lift_high is None:
        return ""
    low, high = signed(whole.lift_low, currency), signed(whole.lift_high, currency)
    return f" (95% of one look: {low} to {high})"


def detectable(whole: Earned, currency: str) -> str:
    """The smallest effect that would show, and when the present one would."""
    if whole.smallest_detectable_lift is None:
        return "Too few are settled to say what would show"
    shown = f"With {count(whole.treated)} contacted and {count(whole.held)} held out, an effect of"
    shown += f" {cents(whole.smallest_detectable_lift, currency)} a head would show"
    when = (
        "not within ten years" if whole.detectable_on is None else f"by {day(whole.detectable_on)}"
    )
    return f"{shown}; one as it stands, {when}"


def signed(amount: Decimal | None, currency: str) -> str:
    """Decimal('-1.5') -> −€1.50; a gain has its plus; unknown is a dash."""
    if amount is None:
        return DASH
    sign = MINUS if amount < 0 else "+"
    return f"{sign}{cents(abs(amount), currency)}"
