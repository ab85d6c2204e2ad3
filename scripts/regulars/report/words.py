"""How the page says things: numbers, dates, names, and the notes in plain sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from regulars.backtesting.names import MODEL_NAMES

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
DASH = "\u2013"
MINUS = "\u2212"


FORECAST_NAMES = {
    **MODEL_NAMES,
    "gamma_gamma": "Gamma-Gamma",
    "past_rate": "Plain rule: same rate as before",
    "past_spend": "Plain rule: by what they spent",
    "last_period": "Plain rule: as last time",
    "all_zero": "Plain rule: nobody returns",
}

GLOSSARY = (
    ("As of", "The business date of the night. Only what was delivered by then counts."),
    ("Gate", "A set of checks that stops the night; a person may let an unusual one pass."),
    ("Generation", "One published set of tables, lists and this page; it replaces the last whole."),
    ("Trial", "Somebody who bought on one day only. The second purchase makes a customer."),
    ("Returned trial", "Somebody whose only order was wholly refunded. Not nudged."),
    ("Net value, 12 months", "Margin expected in the next 365 days, less the cost to serve."),
    ("Lifetime value", "The same without end, future years discounted at 10% a year."),
    (
        "Lifecycle",
        "Customers by their chance to order within 12 months, from active to lost; trial users by"
        " the days since their only order: new, open, due, late.",
    ),
    ("Value at risk", "Margin that drop-out will cost us, and that can still be saved."),
    (
        "Bridge",
        "How the value of all customers came from last night's to tonight's, by cause: the parts"
        " add up to the cent (docs/why.md).",
    ),
    (
        "Value tier",
        "Rank by net value: best 1%, 5%, 10%, 25%, 50%, and the rest. People rise at once and"
        " fall after 30 days below their tier.",
    ),
    ("Churn probability", "Chance of no order in the next 12 months. Not the same as having left."),
    ("P(alive)", "Chance that the customer has not silently left already."),
    ("Held out", "Eligible people left alone by lot, so that the list's effect can be measured."),
    ("Capacity", "The most people a list may have a night; who comes after them waits."),
    ("Valid until", "Last day on which a list may be used: consents and orders change."),
    (
        "Smallest detectable lift",
        "The smallest true effect a hold-out this size shows 4 times in 5.",
    ),
    ("Entered, stayed, left", "Movement of a list's people since the last published night."),
    ("Quarantine", "Rows set aside because a value broke its declaration; they can be replayed."),
    ("Refused file", "A file broken as a whole. Yesterday's data stays in its place."),
    ("Drift", "Columns a source began to send that nobody has declared."),
    ("Cohort", "People whose first (or second) purchase fell in the same month."),
    ("Mature", "A cohort month old enough that late orders and refunds are in."),
    ("MBG/NBD", "The model of when customers buy and when they stop; docs/clv-methods.md."),
    (
        "MBG/CNBD-k",
        "The same for customers with a rhythm: their gaps are more regular than chance.",
    ),
    ("Pareto/NBD", "The same if customers may stop at any moment, not only after a purchase."),
    ("Gamma-Gamma", "The model of how much they spend a day they buy."),
    ("Log-likelihood", "How well a model fits tonight's data; only worth comparing between fits."),
    ("Backtest", "The model fitted on the past alone, then compared with what happened since."),
    ("CRPS", "Error of a forecast with all its uncertainty, in purchases; less is better."),
)


def count(number: int) -> str:
    """12345 -> 12,345, with a true minus sign."""
    return f"{number:,}".replace("-", MINUS)


def people(number: int) -> str:
    return f"{count(number)} {'person' if number == 1 else 'people'}"


def plural(number: int, singular: str, many: str | None = None) -> str:
    return f"{count(number)} {singular if number == 1 else many or singular + 's'}"


def money(amount: Decimal | None, currency: str) -> str:
    """Whole units, half away from zero: Decimal('1234.5') -> €1,235. Unknown is a dash."""
    if amount is None:
        return DASH
    whole = int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    sign = MINUS if whole < 0 else ""
    symbol = SYMBOLS.get(currency, currency + " ")
    return f"{sign}{symbol}{abs(whole):,}"


def cents(amount: Decimal, currency: str) -> str:
    """Decimal('1234.5') -> €1,234.50"""
    return f"{SYMBOLS.get(currency, currency + ' ')}{amount:,.2f}"


def short_money(amount: Decimal, currency: str) -> str:
    """For axes: €950, €1.2k, €3M."""
    size = abs(amount)
    limit, unit = next(
        (limit, unit) for limit, unit in ((1_000_000, "M"), (1_000, "k"), (0, "")) if size >= limit
    )
    digits = f"{size / limit:.1f}".removesuffix(".0") if limit else f"{size:.0f}"
    return f"{MINUS if amount < 0 else ''}{SYMBOLS.get(currency, currency + ' ')}{digits}{unit}"


def percent(share: float | None, places: int = 0) -> str:
    """0.1234 -> 12%. A share above zero is never printed as a plain zero."""
    if share is None:
        return DASH
    smallest = 10.0**-places / 100
    if 0 < share < smallest / 2:
        return f"<{smallest * 100:.{places}f}%"
    return f"{share * 100:.{places}f}%".replace("-", MINUS)


def decimal(number: float | None, places: int = 2) -> str:
    if number is None:
        return DASH
    text = f"{number:,.{places}f}"
    return text.replace("-", MINUS) if float(number) != 0 else text.replace("-", "")


def difference(by: tuple[float, float] | None, places: int = 3) -> str:
    """(0.0123, 0.004) -> +0.012 ± 0.004"""
    if by is None:
        return DASH
    sign = "+" if by[0] > 0 else ""
    return f"{sign}{decimal(by[0], places)} ± {decimal(by[1], places)}"


def day(on: date | None) -> str:
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}" if on else DASH


def short_day(on: date | None) -> str:
    return f"{on.day} {MONTHS[on.month - 1][:3]} {on.year}" if on else DASH


def long_day(on: date) -> str:
    return f"{WEEKDAYS[on.weekday()]} {day(on)}"


def month(on: date) -> str:
    return f"{MONTHS[on.month - 1][:3]} {on.year}"


def spaced(code: str) -> str:
    """A code as words: highly_at_risk -> Highly at risk."""
    return code.replace("_", " ").strip().capitalize()


def model_name(code: str) -> str:
    """mbg_nbd -> MBG/NBD"""
    return FORECAST_NAMES.get(code, spaced(code))


MAIL_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")


def without_addresses(text: str) -> str:
    """A last net under messages from elsewhere: whatever looks like an e-mail address goes."""
    return MAIL_ADDRESS.sub("[address removed]", text)


# In the warehouse's regular expressions: what differs from person to person in a reason.
DAY_OF_YEAR = rf"[0-9]{{1,2}} ({'|'.join(MONTHS)})( [0-9]{{4}})?"
NUMBER = "[0-9]+(?:[.,:][0-9]+)*"


def general_reason(pattern: str, numbers: Sequence[str | None]) -> str:
    """A reason as said of many: a number for each # in turn, an ellipsis where they differ.

    ("# in # order again", [None, "100"]) -> "… in 100 order again"
    """
    turn = iter(numbers)
    text = re.sub("#", lambda _: next(turn, None) or "…", pattern)
    return without_addresses(re.sub(r"…(\s*…)+", "…", text))
