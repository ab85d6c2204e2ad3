"""Who is held out of a list, and what that will be able to show by when."""

from __future__ import annotations

from datetime import date, timedelta

from regulars.report.detectable import smallest_detectable_lift
from regulars.report.sections import TonightsList
from regulars.report.words import count, day

YEAR_DAYS = 365


def held_out(tonight: TonightsList, as_of: date) -> str:
    """For a card. A lift is a difference in the share who buy, seen four times in five."""
    if tonight.list_class == "service":
        return "nobody: it is owed to each of them"
    if tonight.list_class != "marketing":
        return "nobody: it is no contact"
    told = f"{count(tonight.held_out)} of the {count(tonight.people + tonight.held_out)}"
    if tonight.is_learning and tonight.holdout_share is not None:
        told += f"; the list is small and learns: {tonight.holdout_share:.0%} of who newly enters"
    return told + _tonight(tonight, as_of) + _a_year(tonight, as_of)


def _tonight(tonight: TonightsList, as_of: date) -> str:
    lift = smallest_detectable_lift(tonight.people, tonight.held_out, tonight.response_rate)
    if lift is not None:
        return f"; shows a lift of {_points(lift)} or more by {_settled(tonight, as_of)} (estimate)"
    return "; too few to show an effect yet" if tonight.held_out else ""


def _a_year(tonight: TonightsList, as_of: date) -> str:
    """What those will show who enter within a year, at the pace of late."""
    if tonight.entries_a_year is None or tonight.holdout_share is None:
        return ""
    held = round(tonight.entries_a_year * tonight.holdout_share)
    entered = round(tonight.entries_a_year)
    lift = smallest_detectable_lift(entered - held, held, tonight.response_rate)
    if lift is None:
        return f"; {count(entered)} enter in a year, too few for any effect to show"
    by = _settled(tonight, as_of + timedelta(days=YEAR_DAYS))
    return f"; with {count(entered)} entering in a year, {_points(lift)} or more by {by}"


def _settled(tonight: TonightsList, entered_on: date) -> str:
    return day(entered_on + timedelta(days=tonight.outcome_days))


def _points(lift: float) -> str:
    return f"{100 * lift:.1f} points"
