from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.lists.spreadsheet import cell


@pytest.mark.parametrize(
    "start",
    [
        *("=", "+", "-", "@", "\t=", "\r=", " =", "\uff1d", "\u200b=", "\ufeff+", '"=', "\ufe66"),
        *("\u3164=", "\u034f+", "\ufe0f=", "\U000e0020="),  # letters that show nothing
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_guarded(start: str) -> None:
    shown = cell(f'{start}HYPERLINK("http://x")')
    assert shown.startswith("'")


@pytest.mark.parametrize("text", ["Zoë", "O'Brien", "a=b", "kettle & crane", "-12", "-3.50", ""])
def test_harmless_text_and_negative_numbers_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize("text", ["-", "--1", "-1e5", "-1+2", "-.5", "-1 000"])
def test_what_only_looks_like_a_negative_number_is_guarded(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_line_breaks_and_control_characters_become_one_space() -> None:
    assert cell("Anna\r\nMaria\x00\u2028de\t Wit ") == "Anna Maria de Wit"


def test_what_follows_a_semicolon_is_guarded_too() -> None:
    assert cell("Jan;=1+1") == "Jan;'=1+1"
    assert cell('Jan;"=1+1') == "Jan;\"'=1+1"
    assert cell("Jan; \u200b\uff1d1+1") == "Jan; \u200b'\uff1d1+1"
    assert cell("usually every 41 days; now 73") == "usually every 41 days; now 73"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (Decimal("-12.50"), "-12.50"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 3, 15), "2026-03-15"),
        (datetime(2026, 3, 15, 9, 30, tzinfo=UTC), "2026-03-15 09:30:00+00:00"),
    ],
)
def test_values_are_written_plainly(value: object, shown: str) -> None:
    assert cell(value) == shown


@given(st.text())
def test_no_text_starts_a_formula_or_a_line(text: str) -> None:
    shown = cell(text)
    assert shown == shown.strip()
    assert len(shown.splitlines()) <= 1
    if shown[:1] in tuple("=+-@"):
        Decimal(shown)  # only a plain negative number may start so
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow(["x", shown])
    stream.seek(0)
    assert list(csv.reader(stream)) == [["x", shown]]
