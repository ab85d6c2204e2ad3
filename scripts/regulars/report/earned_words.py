"""What a list has earned, in a sentence: an amount only where it may be announced, else since when
it is being measured, what would be seen, and by when."""

from __future__ import annotations

from decimal import Decimal

from regulars.phrases import MINUS, count, say
from regulars.report.sections import Earned, KeepAgainstWin, ListResult, TonightsList
from regulars.report.words import DASH, cents, day, decimal, money


def earned(tonights_list: TonightsList, currency: str) -> str:
    """For a card: one or two sentences, without the list's name."""
    if tonights_list.list_class == "service":
        return say("not measured: it is owed to each of them, so nobody is held out")
    if tonights_list.list_class != "marketing":
        return say("not measured: nobody is contacted")
    result = tonights_list.result or ListResult()
    if result.whole is None:
        return _before_the_first(result)
    if result.whole.lift is None:
        return say(
            "not determinable: of {settled} people whose outcome is settled {held_out} were held"
            " out, which is too few to compare",
            settled=count(result.whole.treated),
            held_out=count(result.whole.held_out),
        )
    return _measured(result.whole, result, currency)


def _before_the_first(result: ListResult) -> str:
    if result.since is None:
        return say("not measured yet: nobody has entered it")
    since = say("not measured yet, since {day}", day=day(result.since))
    if not result.settles_on:
        return since
    settled = say("the first outcomes are settled on {day}", day=day(result.settles_on))
    return f"{since}; {settled}"


def _measured(whole: Earned, result: ListResult, currency: str) -> str:
    head = say("{amount} a head", amount=signed(whole.lift, currency)) + interval(whole, currency)
    after = say("{amount} after what the contacts cost", amount=money(whole.net_return, currency))
    if whole.verdict == "gain":
        return f"{head}, {after}"
    if whole.verdict == "harm":
        return say("a loss: {loss}. Consider stopping it", loss=f"{head}, {after}")
    unknown = (
        say("not determinable since {day}", day=day(result.since))
        if result.since
        else say("not determinable")
    )
    so_far = say("{amount} so far", amount=head)
    return f"{unknown}: {so_far}. {detectable(whole, currency)}"


def interval(whole: Earned, currency: str) -> str:
    if whole.lift_low is None or whole.lift_high is None:
        return ""
    low, high = signed(whole.lift_low, currency), signed(whole.lift_high, currency)
    return say(" (95% interval as of tonight: {low} to {high})", low=low, high=high)


def detectable(whole: Earned, currency: str) -> str:
    """The smallest effect that would show, and when the present one would."""
    if whole.smallest_detectable_lift is None:
        return say("Too few are settled to say what would show")
    shown = say(
        "With {treated} contacted and {held_out} held out, an effect of {amount} a head would show",
        treated=count(whole.treated),
        held_out=count(whole.held_out),
        amount=cents(whole.smallest_detectable_lift, currency),
    )
    if whole.detectable_on is None:
        return shown + say("; one as it stands, not within ten years")
    return shown + say("; one as it stands, by {day}", day=day(whole.detectable_on))


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
    kept = say(
        "A customer kept costs {amount} in contacts ({kept} kept of {treated} contacted).",
        amount=_money_between(beside.cost_per_kept, currency),
        kept=count(round(beside.kept[0])),
        treated=count(beside.treated),
    )
    return f"{kept} {winning}: {_times(beside.times)}."


def _winning(cost: Ends | None, currency: str) -> str:
    if cost is None:
        return say("What a new one costs is not determinable either")
    return say("A new one who buys again costs {amount}", amount=_money_between(cost, currency))


def _not_determinable(beside: KeepAgainstWin) -> str:
    if beside.since is None:
        return say(
            "What it costs to keep a customer is not determinable: no list has settled outcomes"
        )
    told = say(
        "What it costs to keep a customer is not determinable since {day}", day=day(beside.since)
    )
    if beside.kept is None:
        return told
    amount, low, high = (decimal(value, 0) for value in beside.kept)
    compared = say(
        "with {treated} contacted and {held_out} held out, {amount} were kept, and it may be"
        " {low} to {high}",
        treated=count(beside.treated),
        held_out=count(beside.held_out),
        amount=amount,
        low=low,
        high=high,
    )
    return f"{told}: {compared}"


def _money_between(ends: Ends, currency: str) -> str:
    amount, low, high = (cents(value, currency) for value in ends)
    return say("{amount} ({low} to {high})", amount=amount, low=low, high=high)


def _times(ends: Ends) -> str:
    amount, low, high = (decimal(value, 1) for value in ends)
    return say("{amount} times as much ({low} to {high})", amount=amount, low=low, high=high)
