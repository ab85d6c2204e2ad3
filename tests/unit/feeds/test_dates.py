"""Declared date formats are fixed-width and are rearranged into ISO 8601."""

from __future__ import annotations

import pytest

from regulars.feeds.dates import format_problem, guessed_days, iso_expression, shape, varies
from regulars.feeds.spellings import Spelling


@pytest.mark.parametrize("written", ["DD/MM/YYYY HH24:MI", "%d/%m/%Y %H:%M"])
def test_both_notations_mean_the_same(written: str) -> None:
    assert shape(written) == "99/99/9999 99:99"
    assert iso_expression("v", written) == (
        "(substr(v, 7, 4) || '-' || substr(v, 4, 2) || '-' || substr(v, 1, 2)"
        " || ' ' || substr(v, 12, 2) || ':' || substr(v, 15, 2))"
    )


def test_positions_after_the_hours_allow_for_their_longer_token() -> None:
    assert "substr(v, 1, 2) || ':' || substr(v, 4, 2)" in iso_expression("v", "HH24:MI DD.MM.YYYY")


@pytest.mark.parametrize(
    ("formats", "guessed"),
    [
        (["DD/MM/YYYY", "MM/DD/YYYY"], True),
        (["D/M/YYYY", "%m/%d/%Y"], True),
        (["DD.MM.YYYY[ HH24:MI]", "MM.DD.YYYY"], True),
        (["M-D-YYYY H12:MI AM", "YYYY-MM-DD", "DD-MM-YYYY HH12:MI AM"], True),
        (["YYYY-DD-MM", "YYYY-MM-DD"], True),
        (["DD/MM/YYYY", "MM-DD-YYYY"], False),
        (["DD/MM/YYYY", "D/M/YYYY", "YYYY-MM-DD"], False),
        (["DD/MM/YYYY HH24:MI", "MM/DD/YYYY"], False),
        (["YYYYMMDD", "YYYY-MM-DD", "DD.MM.YYYY"], False),
    ],
)
def test_formats_that_leave_the_month_to_a_guess_are_not_declared_together(
    formats: list[str], guessed: bool
) -> None:
    assert (guessed_days(formats) is not None) == guessed


@pytest.mark.parametrize(
    ("kind", "written"),
    [("text", "YYYY-MM-DD"), ("date", "YYYY-MM"), ("date", "YYYY-MM-DD HH24"),
     ("timestamp", "YYYY-MM-DD MI"), ("date", "YYYY-MM-DD Q"), ("date", "DD-MM-YYYY-DD"),
     ("date", "%d %b %Y"), ("timestamp", "YYYY-MM-DD HH24 TZ"),
     ("timestamptz", "YYYY-MM-DD[ HH24"), ("timestamp", "YYYY-MM-DD HH12:MI"),
     ("timestamp", "YYYY-MM-DD HH24:MI AM"), ("date", "YYYY-M-D-MM")],
)  # fmt: skip
def test_a_format_that_cannot_be_read_is_named(kind: str, written: str) -> None:
    assert format_problem(kind, written)


SIX = ("YYYY-MM-DDTHH24:MI[:SS][.F]TZ", "YYYY-MM-DD HH24:MI:SS TZ")


@pytest.mark.parametrize(
    ("formats", "written", "iso"),
    [
        (SIX, "2026-10-01T09:14:02+02:00", "2026-10-01T09:14:02+02:00"),
        (SIX, "2026-10-01 09:14:02 +0200", "2026-10-01T09:14:02+02:00"),
        (SIX, "2026-10-01 07:14:02 UTC", "2026-10-01T07:14:02Z"),
        (SIX, "2026-10-01T07:14:02.1234567Z", "2026-10-01T07:14:02.123456Z"),
        (SIX, "2026-10-01T07:14Z", "2026-10-01T07:14:00Z"),
        (SIX, "2026-10-01T07:14:02.123456789Z", "2026-10-01T07:14:02.123456Z"),
        (SIX, "2026-10-01T07:14:02.5-03", "2026-10-01T07:14:02.5-03:00"),
        (SIX, "2026-10-01T07:14:02z", "2026-10-01T07:14:02Z"),
        (SIX, "2026-10-01 07:14:02 utc", "2026-10-01T07:14:02Z"),
        (SIX, "2026-10-01 07:14:02 GMT+0200", "2026-10-01T07:14:02+02:00"),
        (SIX, "2026-10-01 07:14:02 UTC-03:30", "2026-10-01T07:14:02-03:30"),
        (("YYYY-MM-DD HH24:MI:SS,F",), "2026-10-01 07:14:02,123", "2026-10-01T07:14:02.123"),
        (("DD.MM.YYYY HH24:MI:SS[,F] TZ",), "01.10.2026 07:14:02,5 Utc", "2026-10-01T07:14:02.5Z"),
        (("D/M/YYYY H12:MI AM",), "1/10/2026 9:05\u202fPM", "2026-10-01T21:05:00"),
        (("D/M/YYYY H12:MI AM",), "1/10/2026 9:05 pm", "2026-10-01T21:05:00"),
        (("D/M/YYYY H12:MI AM",), "11/2/2026 12:00 a.m.", "2026-02-11T00:00:00"),
        (("%m/%d/%Y %I:%M %p",), "02/11/2026 12:30 PM", "2026-02-11T12:30:00"),
        (("%-d.%-m.%Y %-H:%M",), "1.2.2026 7:05", "2026-02-01T07:05:00"),
        (("D-M-YYYY[ H24:MI]",), "1-2-2026", "2026-02-01T00:00:00"),
        (("D-M-YYYY", "YYYYMMDD"), "20260201", "2026-02-01T00:00:00"),
    ],
)
def test_what_people_write_can_be_declared(
    formats: tuple[str, ...], written: str, iso: str
) -> None:
    kind = "timestamptz" if "TZ" in formats[0] else "timestamp"
    assert not any(format_problem(kind, form) for form in formats)
    assert Spelling(kind, formats).iso(written) == iso


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-01 7:05",
        "1/2/26 7:05 AM",
        "1/2/2026 13:05 PM",
        "1/2/2026 0:05 AM",
        "1/2/2026 7:05",
        "\u0661/2/2026 7:05 AM",
        "1/2/2026 7:05 AM ",
        "",
    ],
)
def test_what_is_in_no_declared_format_is_marked(written: str) -> None:
    assert Spelling("timestamp", ["D/M/YYYY H12:MI AM"]).iso(written) == "?" + written


def test_only_decimals_that_mattered_are_counted_as_cut() -> None:
    spelling = Spelling("timestamp", ["YYYY-MM-DD HH24:MI:SS.F"])
    for fraction in ("1", "123456", "123456000", "1234567"):
        spelling.iso(f"2026-02-01 07:05:00.{fraction}")
    assert spelling.values_cut == 1


@pytest.mark.parametrize(
    ("written", "is_spelled"),
    [("DD/MM/YYYY", False), ("YYYY-MM-DDTHH24:MI:SS", False), ("D/M/YYYY", True),
     ("YYYY-MM-DD[ HH24:MI]", True), ("YYYY-MM-DD HH12:MI AM", True)],
)  # fmt: skip
def test_only_formats_without_fixed_width_are_read_before_the_engine(
    written: str, is_spelled: bool
) -> None:
    assert varies(written) is is_spelled
