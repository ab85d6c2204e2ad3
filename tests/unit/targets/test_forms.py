"""How values are written, by published vectors and by what each tool says of itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.lists.normal_forms import normal_email
from regulars.targets.forms import FORMS, sha256, text


@pytest.mark.parametrize(
    ("form", "value", "digest"),
    [
        # e-mail: the same everywhere
        ("lower", " Dana@Example.COM ", "07e2f139"),
        # one number, two hashes: Google keeps the plus, Meta does not
        ("phone_plus", "+16505551234", "a2996076"),
        ("phone_digits", "+16505551234", "6069d14b"),
    ],
)
def test_hash_vectors(form: str, value: str, digest: str) -> None:
    assert sha256(FORMS[form](value)).startswith(digest)


@pytest.mark.parametrize(
    "spelt", ["Anna@MÜLLER.de", "anna@xn--mller-kva.de", "anna@mu\u0308ller.de"]
)
def test_a_domain_with_an_umlaut_has_one_hash_however_it_was_spelt(spelt: str) -> None:
    """That of its letters in UTF-8, as people write it: `printf 'anna@müller.de' | sha256sum`."""
    cell = FORMS["lower"](normal_email(spelt))
    assert sha256(cell) == "a4da4bb66ffd47c0b9f4693002efa882754d56632cbbda72b8b48918836f6867"


def test_nothing_has_no_hash() -> None:
    assert sha256("") == ""
    assert all(form(None) == "" for form in FORMS.values())


@pytest.mark.parametrize(
    ("form", "value", "written"),
    [
        ("phone_digits", "+31612345678", "31612345678"),
        ("phone_digits", "0031612345678", "31612345678"),
        ("phone_shown", "+31612345678", "(+31) 6 12345678"),
        ("letters", "D'Arcy-Müller  ÅSA", "darcymullerasa"),
        ("letters", "Łukasz Weiß", "lukaszweiss"),
        ("letters", "Лев", "лев"),
        ("country", "uk", "GB"),
        ("country_lower", "NL", "nl"),
        ("postcode", "1017 AB", "1017ab"),
        ("month_day", date(1992, 6, 21), "06/21"),
        ("compact_date", date(1992, 6, 21), "19920621"),
        ("plain", date(1992, 6, 21), "1992-06-21"),
        (
            "instant",
            datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=2))),
            "2026-02-28T23:00:00+00:00",
        ),
        ("yes_no", True, "Yes"),
        ("yes_no", False, "No"),
        ("floored", Decimal("-4.20"), "0"),
        ("floored", Decimal("4.20"), "4.20"),
        (
            "text",
            "Anna\r\n\u202eMaria \U0001f469\u200d\U0001f52c",
            "Anna Maria \U0001f469\u200d\U0001f52c",
        ),
        ("text", "مريم", "مريم"),
        ("guarded", '=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("plain", "=1+1", "=1+1"),
    ],
)
def test_values_are_written_as_the_tools_take_them(form: str, value: object, written: str) -> None:
    assert FORMS[form](value) == written


def test_a_time_is_told_in_utc_wherever_it_was_noted() -> None:
    assert FORMS["instant"](datetime(2026, 3, 1, 8, tzinfo=UTC)) == "2026-03-01T08:00:00+00:00"


@given(st.text())
def test_text_is_one_line_and_turns_nothing(value: str) -> None:
    shown = text(value)
    assert len(shown.splitlines()) <= 1
    assert not set(shown) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    )
