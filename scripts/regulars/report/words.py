"""How the page says things: numbers, dates, names, and the notes in plain sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from regulars.backtesting.names import MODEL_NAMES
from regulars.phrases import MINUS, numerals, phrase, plural, say

MONTHS = (
    phrase("January"),
    phrase("February"),
    phrase("March"),
    phrase("April"),
    phrase("May"),
    phrase("June"),
    phrase("July"),
    phrase("August"),
    phrase("September"),
    phrase("October"),
    phrase("November"),
    phrase("December"),
)
WEEKDAYS = (
    phrase("Monday"),
    phrase("Tuesday"),
    phrase("Wednesday"),
    phrase("Thursday"),
    phrase("Friday"),
    phrase("Saturday"),
    phrase("Sunday"),
)
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
DASH = "\u2013"


FORECAST_NAMES = {
    **MODEL_NAMES,
    "gamma_gamma": "Gamma-Gamma",
    "past_rate": phrase("Plain rule: same rate as before"),
    "past_spend": phrase("Plain rule: by what they spent"),
    "last_period": phrase("Plain rule: as last time"),
    "all_zero": phrase("Plain rule: nobody returns"),
}

GLOSSARY = (
    (
        phrase("As of"),
        phrase("The business date of the night. Only what was delivered by then counts."),
    ),
    (
        phrase("Gate"),
        phrase("A set of checks that stops the night; a person may let an unusual one pass."),
    ),
    (
        phrase("Generation"),
        phrase("One published set of tables, lists and this page; it replaces the last whole."),
    ),
    (
        phrase("Trial"),
        phrase("Somebody who bought on one day only. The second purchase makes a customer."),
    ),
    (
        phrase("Returned trial"),
        phrase("Somebody whose only order was wholly refunded. Not nudged."),
    ),
    (
        phrase("Net value, 12 months"),
        phrase("Margin expected in the next 365 days, less the cost to serve."),
    ),
    (
        phrase("Lifetime value"),
        phrase("The same without end, future years discounted at 10% a year."),
    ),
    (
        phrase("Lifecycle"),
        phrase(
            "Customers by their chance to order within 12 months, from active to lost; trial"
            " users by the days since their only order: new, open, due, late."
        ),
    ),
    (
        phrase("Value at risk"),
        phrase("Margin that drop-out will cost us, and that can still be saved."),
    ),
    (
        phrase("Bridge"),
        phrase(
            "How the value of all customers came from last night's to tonight's, by cause:"
            " the parts add up to the cent (docs/why.md)."
        ),
    ),
    (
        phrase("Value tier"),
        phrase(
            "Rank by net value: best 1%, 5%, 10%, 25%, 50%, and the rest. People rise at once"
            " and fall after 30 days below their tier."
        ),
    ),
    (
        phrase("Churn probability"),
        phrase("Chance of no order in the next 12 months. Not the same as having left."),
    ),
    (phrase("P(alive)"), phrase("Chance that the customer has not silently left already.")),
    (
        phrase("Held out"),
        phrase("Eligible people left alone by lot, so that the list's effect can be measured."),
    ),
    (
        phrase("Capacity"),
        phrase("The most people a list may have a night; who comes after them waits."),
    ),
    (
        phrase("Valid until"),
        phrase("Last day on which a list may be used: consents and orders change."),
    ),
    (
        phrase("Smallest detectable lift"),
        phrase("The smallest true effect a hold-out this size shows 4 times in 5."),
    ),
    (
        phrase("Entered, stayed, left"),
        phrase("Movement of a list's people since the last published night."),
    ),
    (
        phrase("Quarantine"),
        phrase("Rows set aside because a value broke its declaration; they can be replayed."),
    ),
    (
        phrase("Refused file"),
        phrase("A file broken as a whole. Yesterday's data stays in its place."),
    ),
    (phrase("Drift"), phrase("Columns a source began to send that nobody has declared.")),
    (phrase("Cohort"), phrase("People whose first (or second) purchase fell in the same month.")),
    (phrase("Mature"), phrase("A cohort month old enough that late orders and refunds are in.")),
    (
        phrase("MBG/NBD"),
        phrase("The model of when customers buy and when they stop; docs/clv-methods.md."),
    ),
    (
        phrase("MBG/CNBD-k"),
        phrase("The same for customers with a rhythm: their gaps are more regular than chance."),
    ),
    (
        phrase("Pareto/NBD"),
        phrase("The same if customers may stop at any moment, not only after a purchase."),
    ),
    (phrase("Gamma-Gamma"), phrase("The model of how much they spend a day they buy.")),
    (
        phrase("Log-likelihood"),
        phrase("How well a model fits tonight's data; only worth comparing between fits."),
    ),
    (
        phrase("Backtest"),
        phrase("The model fitted on the past alone, then compared with what happened since."),
    ),
    (
        phrase("CRPS"),
        phrase("Error of a forecast with all its uncertainty, in purchases; less is better."),
    ),
)


def people(number: int) -> str:
    return plural(number, "person", "people")


def money(amount: Decimal | None, currency: str) -> str:
    """Whole units, half away from zero: Decimal('1234.5') -> €1,235. Unknown is a dash."""
    if amount is None:
        return DASH
    whole = int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return _of_currency(f"{abs(whole):,}", currency, whole < 0)


def cents(amount: Decimal, currency: str) -> str:
    """Decimal('1234.5') -> €1,234.50"""
    return _of_currency(f"{abs(amount):,.2f}", currency, amount < 0)


def short_money(amount: Decimal, currency: str) -> str:
    """For axes: €950, €1.2k, €3M."""
    size = abs(amount)
    limit, unit = next(
        (limit, unit)
        for limit, unit in ((1_000_000, phrase("{number}M")), (1_000, phrase("{number}k")), (0, ""))
        if size >= limit
    )
    digits = f"{size / limit:.1f}".removesuffix(".0") if limit else f"{size:.0f}"
    number = say(unit, number=numerals(digits)) if unit else digits
    return _of_currency(number, currency, amount < 0, is_written=True)


def _of_currency(digits: str, currency: str, is_loss: bool, is_written: bool = False) -> str:
    symbol = SYMBOLS.get(currency)
    number = digits if is_written else numerals(digits)
    amount = (
        say("{symbol}{amount}", symbol=symbol, amount=number)
        if symbol
        else say("{currency} {amount}", currency=currency, amount=number)
    )
    return f"{MINUS if is_loss else ''}{amount}"


def percent(share: float | None, places: int = 0) -> str:
    """0.1234 -> 12%. A share above zero is never printed as a plain zero."""
    if share is None:
        return DASH
    smallest = 10.0**-places / 100
    if 0 < share < smallest / 2:
        return say("<{number}%", number=numerals(f"{smallest * 100:.{places}f}"))
    return say("{number}%", number=numerals(f"{share * 100:z.{places}f}"))


def decimal(number: float | Decimal | None, places: int = 2) -> str:
    if number is None:
        return DASH
    return numerals(f"{number:z,.{places}f}")


def difference(by: tuple[float, float] | None, places: int = 3) -> str:
    """(0.0123, 0.004) -> +0.012 ± 0.004"""
    if by is None:
        return DASH
    sign = "+" if by[0] > 0 else ""
    return f"{sign}{decimal(by[0], places)} ± {decimal(by[1], places)}"


def day(on: date | None) -> str:
    return _day(on, say(MONTHS[on.month - 1])) if on else DASH


def short_day(on: date | None) -> str:
    return _day(on, _short_month(on)) if on else DASH


def _day(on: date, month: str) -> str:
    return say("{day} {month} {year}", day=on.day, month=month, year=on.year)


def _short_month(on: date) -> str:
    return say(MONTHS[on.month - 1])[:3]


def long_day(on: date) -> str:
    return say("{weekday} {day}", weekday=say(WEEKDAYS[on.weekday()]), day=day(on))


def month(on: date) -> str:
    return f"{_short_month(on)} {on.year}"


# Codes that people are told: tiers and parts of the bridge by tier, lifecycle, rhythm of a list.
NAMES = {
    "all": phrase("All"),
    "platinum": phrase("Platinum"),
    "gold": phrase("Gold"),
    "silver": phrase("Silver"),
    "bronze": phrase("Bronze"),
    "standard": phrase("Standard"),
    "basic": phrase("Basic"),
    "no tier yet": phrase("No tier yet"),
    "active": phrase("Active"),
    "cooling": phrase("Cooling"),
    "at_risk": phrase("At risk"),
    "highly_at_risk": phrase("Highly at risk"),
    "lost": phrase("Lost"),
    "new": phrase("New"),
    "open": phrase("Open"),
    "due": phrase("Due"),
    "late": phrase("Late"),
    "nightly": phrase("nightly"),
    "weekly": phrase("weekly"),
    "monthly": phrase("monthly"),
    "quarterly": phrase("quarterly"),
}


def named(code: str) -> str:
    """A code in words; one of the company's own as it is spelt."""
    return say(NAMES[code]) if code in NAMES else spaced(code)


def spaced(code: str) -> str:
    """A code as words: highly_at_risk -> Highly at risk."""
    return code.replace("_", " ").strip().capitalize()


def model_name(code: str) -> str:
    """mbg_nbd -> MBG/NBD"""
    return say(FORECAST_NAMES[code]) if code in FORECAST_NAMES else spaced(code)


MAIL_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")


def without_addresses(text: str) -> str:
    """A last net under messages from elsewhere: whatever looks like an e-mail address goes."""
    return MAIL_ADDRESS.sub(say("[address removed]"), text)


# In the warehouse's regular expressions: what differs from person to person in a reason.
NUMBER = "[0-9]+(?:[.,:][0-9]+)*"


def day_of_year() -> str:
    """A day with or without its year, as sentences of this language have it."""
    of_any = say("{day} {month}", day="[0-9]{1,2}", month=f"({'|'.join(map(say, MONTHS))})")
    return of_any.replace(".", r"\.") + "( [0-9]{4})?"


def general_reason(pattern: str, numbers: Sequence[str | None]) -> str:
    """A reason as said of many: a number for each # in turn, an ellipsis where they differ.

    ("# in # order again", [None, "100"]) -> "… in 100 order again"
    """
    turn = iter(numbers)
    text = re.sub("#", lambda _: next(turn, None) or "…", pattern)
    return without_addresses(re.sub(r"…(\s*…)+", "…", text))
