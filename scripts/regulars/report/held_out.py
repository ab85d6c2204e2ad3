"""Who is held out of a list, and what that will be able to show by when."""

from __future__ import annotations

from datetime import date, timedelta

from regulars.phrases import count, say
from regulars.report.detectable import smallest_detectable_lift
from regulars.report.sections import TonightsList
from regulars.report.words import day, decimal, percent

YEAR_DAYS = 365


def held_out(tonight: TonightsList, as_of: date) -> str:
    """For a card. A lift is a difference in the share who buy, seen four times in five."""
    if tonight.list_class == "service":
        return say("nobody: it is owed to each of them")
    if tonight.list_class != "marketing":
        return say("nobody: it is no contact")
    told = say(
        "{held_out} of the {all}",
        held_out=count(tonight.held_out),
        all=count(tonight.people + tonight.held_out),
    )
    if tonight.is_learning and tonight.holdout_share is not None:
        told += say(
            "; the list is small and learns: {share} of who newly enters",
            share=percent(tonight.holdout_share),
        )
    return told + _tonight(tonight, as_of) + _a_year(tonight, as_of)


def _tonight(tonight: TonightsList, as_of: date) -> str:
    lift = smallest_detectable_lift(tonight.people, tonight.held_out, tonight.response_rate)
    if lift is not None:
        by = _settled(tonight, as_of)
        return say(
            "; shows a lift of {points} or more by {day} (estimate)", points=_points(lift), day=by
        )
    return say("; too few to show an effect yet") if tonight.held_out else ""


def _a_year(tonight: TonightsList, as_of: date) -> str:
    """What those will show who enter within a year, at the pace of late."""
    if tonight.entries_a_year is None or tonight.holdout_share is None:
        return ""
    held = round(tonight.entries_a_year * tonight.holdout_share)
    entered = round(tonight.entries_a_year)
    lift = smallest_detectable_lift(entered - held, held, tonight.response_rate)
    if lift is None:
        return say(
            "; {count} enter in a year, too few for any effect to show", count=count(entered)
        )
    return say(
        "; with {count} entering in a year, {points} or more by {day}",
        count=count(entered),
        points=_points(lift),
        day=_settled(tonight, as_of + timedelta(days=YEAR_DAYS)),
    )


def _settled(tonight: TonightsList, entered_on: date) -> str:
    return day(entered_on + timedelta(days=tonight.outcome_days))


def _points(lift: float) -> str:
    return say("{number} points", number=decimal(100 * lift, 1))
