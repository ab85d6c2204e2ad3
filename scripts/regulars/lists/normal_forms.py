"""The form that two spellings of one e-mail address or phone number share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

import email_validator
import phonenumbers

from regulars.national_numbers import LONGEST, NO_NUMBER, SHORTEST
from regulars.targets.forms import country as country_code

LONGEST_EMAIL = 320  # octets of an address by RFC 3696; longer cannot be one
LONGEST_PHONE = 40
# Addresses as nearly everybody has them. One so short keeps within the 254 octets that are allowed,
# whatever its domain is written out to.
PLAIN_EMAIL = re.compile(r"(?=.{3,64}\Z)([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@([A-Za-z0-9.-]+)")


def normal_form(kind: str, original: str, country: str) -> str | None:
    """The form that two spellings of one address share, or None if it cannot be used."""
    return normal_email(original) if kind == "email" else normal_phone(original, country)


def normal_email(original: str) -> str | None:
    """Lower case, Unicode NFC, domain checked for form only (no look-up)."""
    text = original.strip()
    if not text or len(text) > LONGEST_EMAIL:
        return None
    if plain := PLAIN_EMAIL.fullmatch(text):
        domain = _normal_domain(plain[2])
        return domain and f"{plain[1].lower()}@{domain}"
    return _validated(text)


@lru_cache(maxsize=10_000)
def _normal_domain(domain: str) -> str | None:
    """The domain as an address there has it: a company's customers share few of them."""
    address = _validated(f"a@{domain}")
    return address and address.removeprefix("a@")


def _validated(text: str) -> str | None:
    try:
        address = email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError:
        return None
    return address.normalized.lower()


def normal_phone(original: str, country: str) -> str | None:
    """E.164, e.g. +31612345678. A national number needs its country (ISO 3166, two letters; UK and
    EL, as people say, are GB and GR)."""
    text = original.strip()
    if not text or len(text) > LONGEST_PHONE:
        return None
    try:
        number = phonenumbers.parse(text, country_code(country) or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# What stands around an address in a letter, a link or a list.
AROUND = re.compile(r"[\s<>\"(),;:\[\]\u201a\u201c-\u201f\u00ab\u00bb\u2039\u203a]+")
# What an address may begin with or hold, or stand in as in quotes: nobody knows which.
PERHAPS_OF_IT = "'`*\u2018\u2019"
OF_IT_OR_AROUND = re.compile(f"[{PERHAPS_OF_IT}]+")
CURLY = str.maketrans("\u2018\u2019", "''")
# What an address may hold, and what stands between those of a link or a list.
BETWEEN = re.compile(f"[?&=/|{PERHAPS_OF_IT}]+")
BETWEEN_NUMBERS = re.compile(r"[^0-9+ ().-]+|(?=\+)")
BETWEEN_NUMBERS_AT_HOME = re.compile(r"[^0-9+ ()./-]+|(?=\+)")
# What is dialled at home before a number, if not a zero: 06 in Hungary, 8 in Russia.
DIALLED_BEFORE = ("", "06", "8")


def said_forms(kind: str, original: str) -> frozenset[str]:
    """The addresses that a no may mean, written as nobody writes them who wants them used: in
    brackets, as a link (%40 in it), two in one cell, in full-width letters, a number without its
    plus; or what its number is without a country. It stops a contact, and is never written to or
    called."""
    text = "".join(
        letter
        for letter in unicodedata.normalize("NFKC", original[: 2 * LONGEST_EMAIL])
        if unicodedata.category(letter) != "Cf"
    )
    if kind == "email":
        spellings = [text, text.translate(CURLY)]
        if "%40" in text:
            spellings += [link := unquote(text), BETWEEN.sub(" ", link)]
        words = {word for spelt in spellings for word in AROUND.split(spelt)}
        return frozenset(form for word in words for form in _emails_in(word))
    parts = BETWEEN_NUMBERS.split(text)
    whole = normal_phone(text, "") or _number_of_digits(text)
    at_home = {*parts, *BETWEEN_NUMBERS_AT_HOME.split(text)}
    numbers = [*map(_number_of_digits, parts), whole]
    numbers += [form for part in at_home for form in _at_home(part)]
    return frozenset(number for number in numbers if number)


def _at_home(text: str) -> Iterator[str]:
    """The national parts that a number without its country may have, zeros in front left out; none
    of a short one."""
    digits = re.sub("[^0-9]", "", text)
    is_abroad = "+" in text or digits.startswith("00")
    is_number = SHORTEST <= len(digits) <= LONGEST and not re.fullmatch(NO_NUMBER, text.strip())
    if is_number and not is_abroad:
        yield from (digits.removeprefix(dialled).lstrip("0") for dialled in DIALLED_BEFORE)


def _emails_in(word: str) -> Iterator[str]:
    """The address that it is, and those that stand in it."""
    whole = _email_of(word)
    parts = (OF_IT_OR_AROUND if whole else BETWEEN).split(word)
    yield from filter(None, (whole, *map(_email_of, parts)))


def _email_of(word: str) -> str | None:
    """Without what ends a sentence."""
    return normal_email(word.lstrip(".").rstrip(".!?"))


def _number_of_digits(text: str) -> str | None:
    """The number that its digits are with the country in front, whatever stands among them."""
    digits = re.sub("[^0-9]", "", text).removeprefix("00")
    return normal_phone(f"+{digits}", "") if digits else None
