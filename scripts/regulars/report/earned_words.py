"""What a list has earned, in a sentence: an amount only where it may be announced, else since when
it is being measured, what would be seen, and by when."""

from __future__ import annotations

from decimal import Decimal

from regulars.report.sections import Earned, KeepAgainstWin, ListResult, TonightsList
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
            f" {count(result.whole.held_out)} were held out, which is too few to compare"
        )
    return _measured(result.whole, result, currency)


def _before_the_first(result: ListResult) -> str:
    if result.since is None:
        return "not measured yet: nobody has entered it"
    since = f"not measured yet, since {day(result.since)}"
    if not result.settles_on:
        return since
    return f"{since}; the first outcomes are settled on {day(result.settles_on)}"


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
    shown = (
        f"With {count(whole.treated)} contacted and {count(whole.held_out)} held out, an effect of"
    )
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


Ends = tuple[Decimal, Decimal, Decimal]


def keeping(beside: KeepAgainstWin, currency: str) -> str:
    """What keeping a customer costs beside winning one, in two sentences at most."""
    winning = _winning(beside.cost_per_won, currency)
    if beside.cost_per_kept is None or beside.kept is None or beside.times is None:
        return f"{_not_determinable(beside)}. {winning}."
    kept = f"A customer kept costs {_money_between(beside.cost_per_kept, currency)}"
    of = f"{count(round(beside.kept[0]))} kept of {count(beside.treated)} contacted"
    return f"{kept} in contacts ({of}). {winning}: {_times(beside.times)}."


def _winning(cost: Ends | None, currency: str) -> str:
    if cost is None:
        return "What a new one costs is not determinable either"
    return f"A new one who buys again costs {_money_between(cost, currency)}"


def _not_determinable(beside: KeepAgainstWin) -> str:
    if beside.since is None:
        return "What it costs to keep a customer is not determinable: no list has settled outcomes"
    told = f"What it costs to keep a customer is not determinable since {day(beside.since)}"
    if beside.kept is None:
        return told
    amount, low, high = (f"{value:,.0f}".replace("-", MINUS) for value in beside.kept)
    compared = f"{count(beside.treated)} contacted and {count(beside.held_out)} held out"
    return f"{told}: with {compared}, {amount} were kept, and it may be {low} to {high}"


def _money_between(ends: Ends, currency: str) -> str:
    amount, low, high = (cents(value, currency) for value in ends)
    return f"{amount} ({low} to {high})"


def _times(ends: Ends) -> str:
    amount, low, high = (f"{value:,.1f}" for value in ends)
    return f"{amount} times as much ({low} to {high})"
