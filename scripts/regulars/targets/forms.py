"""How a value is written for a target: a function by name, from anything to the text of a cell."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import phonenumbers

from regulars import plain_text

# A spreadsheet takes a cell that starts with one of these for a formula; the wide and small forms
# are what East Asian keyboards type, and some programs fold them.
FORMULA_STARTS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
# What may stand before it and is skipped: spaces, quotes, characters without a width.
SKIPPED = (
    r'[\s"\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f'
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]*"
)
STARTS_FORMULA = re.compile(rf"{SKIPPED}[{re.escape(FORMULA_STARTS)}]")
PLAIN_NEGATIVE = re.compile(r"-\d+(\.\d+)?")
# Where a semicolon separates cells (half of Europe), what follows it starts a cell of its own.
AFTER_SEMICOLON = re.compile(rf"(;{SKIPPED})(?=[{re.escape(FORMULA_STARTS)}])")
CONTROL = re.compile(f"[{plain_text.CONTROL}]")
TURNING = re.compile(f"[{plain_text.TURNING}]")  # joiners, which emoji and Persian need, stay
# What ISO 3166 calls by another name than people do.
COUNTRIES = {"UK": "GB", "EL": "GR"}


def plain(value: object) -> str:
    """Any value as it is; null is empty, a number without an exponent, a time in UTC."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return format(value, "d" if isinstance(value, int) else "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def flatten(text: str) -> str:
    """One line: every control character or line break becomes a space, runs of space one."""
    if not text.isprintable():  # the usual cell has nothing to replace
        text = CONTROL.sub(" ", text)
    return " ".join(text.split())


def guard(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run; negative numbers stay numbers."""
    text = AFTER_SEMICOLON.sub(r"\1'", text)
    if not STARTS_FORMULA.match(text) or PLAIN_NEGATIVE.fullmatch(text):
        return text
    return f"'{text}"


def text(value: object) -> str:
    """One line, nothing that turns the reading order; letters of every script and emoji stay."""
    return flatten(TURNING.sub("", plain(value)))


def guarded(value: object) -> str:
    """Text that a spreadsheet shows and never runs."""
    return guard(text(value))


def lower(value: object) -> str:
    return text(value).lower()


def letters(value: object) -> str:
    """A name in a-z: lower case, accents and punctuation gone; other scripts keep their letters."""
    folded = unicodedata.normalize("NFKD", lower(value))
    bare = "".join(c for c in folded if c.isalpha() and not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare.translate(UNFOLDED))


UNFOLDED = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"})


def phone_plus(value: object) -> str:
    """E.164 with its plus: +31612345678."""
    return text(value)


def phone_digits(value: object) -> str:
    """Digits alone, country code first, no plus and no leading zeros: 31612345678."""
    return re.sub(r"\D", "", text(value)).lstrip("0")


def phone_shown(value: object) -> str:
    """(+31) 6 12345678: a spreadsheet takes it neither for a formula nor for a number."""
    if not (number := text(value)):
        return ""
    parsed = phonenumbers.parse(number)
    shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    code, _, rest = shown.partition(" ")
    return f"({code}) {rest}"


def country(value: object) -> str:
    """ISO 3166, two capitals: GB, not UK."""
    code = text(value).upper()
    return COUNTRIES.get(code, code)


def country_lower(value: object) -> str:
    return country(value).lower()


def postcode(value: object) -> str:
    """Lower case without spaces and dashes."""
    return re.sub(r"[\s-]", "", lower(value))


def month_day(value: object) -> str:
    """MM/DD of a date."""
    return value.strftime("%m/%d") if isinstance(value, date) else ""


def compact_date(value: object) -> str:
    """YYYYMMDD of a date."""
    return value.strftime("%Y%m%d") if isinstance(value, date) else ""


def year(value: object) -> str:
    return f"{value.year:04d}" if isinstance(value, date) else ""


def instant(value: object) -> str:
    """2026-03-01T08:00:00+00:00, in UTC."""
    if not isinstance(value, datetime):
        return ""
    return value.astimezone(UTC).isoformat(timespec="seconds")


def yes_no(value: object) -> str:
    return "" if value is None else "Yes" if value else "No"


def floored(value: object) -> str:
    """An amount, nothing below zero."""
    return "" if value is None else plain(max(Decimal(str(value)), Decimal(0)))


FORMS: Mapping[str, Callable[[object], str]] = MappingProxyType(
    {
        form.__name__: form
        for form in (
            plain,
            text,
            guarded,
            lower,
            letters,
            phone_plus,
            phone_digits,
            phone_shown,
            country,
            country_lower,
            postcode,
            month_day,
            compact_date,
            year,
            instant,
            yes_no,
            floored,
        )
    }
)


def sha256(cell: str) -> str:
    """The hash of a cell that is not empty, in lower-case hexadecimal."""
    return hashlib.sha256(cell.encode()).hexdigest() if cell else ""
