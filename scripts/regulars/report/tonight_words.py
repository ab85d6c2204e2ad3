"""What the page says of a night's lists and rows, in a few words each."""

from __future__ import annotations

from regulars.phrases import count, plural, say
from regulars.report.sections import Deliveries, Movement, TonightsList
from regulars.report.words import money, percent

MOST_CAUSES = 3


def moved(movement: Movement) -> str:
    """Who came and went since the night before."""
    return say(
        "{entered} entered, {stayed} stayed, {left} left",
        entered=count(movement.entered),
        stayed=count(movement.stayed),
        left=count(movement.left),
    )


def expected(tonight: TonightsList, currency: str) -> str:
    """What contacting them changes, as read after its sum."""
    stake = f"{money(tonight.at_stake_amount, currency)} {tonight.money}"
    share = percent(float(tonight.assumed_effect or 0))
    if tonight.measured_weight is not None:
        return say(
            "is expected to change by contacting them: {weight} as measured, the rest as assumed,"
            " {share} of {stake}",
            weight=percent(float(tonight.measured_weight)),
            share=share,
            stake=stake,
        )
    if tonight.assumed_effect is not None and not tonight.assumed_effect:
        return say("it is owed to them: no gain is assumed")
    if tonight.effect_amount is None:
        return say("what contacting them changes is not known yet")
    return say(
        "may change by contacting them: an assumed {share} of {stake}, not measured yet",
        share=share,
        stake=stake,
    )


def newest(deliveries: Deliveries) -> list[str]:
    """What was set aside tonight, the commonest causes: '12 rows of orders, orphan'."""
    rules = [rule for rule in deliveries.quarantine if rule.rows][:MOST_CAUSES]
    return [
        plural(
            rule.rows,
            "row of {feed}, {rule}",
            "rows of {feed}, {rule}",
            feed=rule.feed,
            rule=rule.rule.replace("_", " "),
        )
        for rule in rules
    ]
