"""Files that people handed to a backtest, as in ../shared/cases/engine. Skipped where they are not
beside the clone; inputs of our own stand with the other tests of this folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from regulars.cli import cli
from regulars.file_backtest.reading import read_transactions
from regulars.settings import PROJECT

CASES = Path(os.environ.get("REGULARS_SHARED", PROJECT.parent / "shared")) / "cases" / "engine"
COLUMNS = ("--customer", "who", "--date", "day", "--value", "amount")
pytestmark = pytest.mark.skipif(not CASES.exists(), reason=f"{CASES} is not there")


@pytest.mark.parametrize(
    ("file", "options", "words"),
    [
        (
            "base.csv",
            ("--calibration-end", "2025-12-31", "--holdout-end", "2026-12-31"),
            "the file ends on 2024-09-30",
        ),
        ("stray_quote.csv", (), "a quote that opens on line 10 swallows all to line 34"),
        ("typo_year.csv", (), "180 years or more after all others (row 41 is the first)"),
        ("no_header.csv", (), "no column 'who' among its 3 columns"),
        ("utf16.csv", (), "is UTF-16 text: save it as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_judged_is_refused_for_what_it_is(
    file: str, options: tuple[str, ...], words: str
) -> None:
    result = CliRunner().invoke(cli, ["backtest", str(CASES / file), *COLUMNS, *options])
    assert result.exit_code == 1
    assert words in result.output
    assert "@" not in result.output, "a cell is quoted"


def test_ids_of_64_bits_beside_a_null_stay_four_people() -> None:
    read = read_transactions(CASES / "bigid_null.parquet", "who", "day", "amount")
    assert read.lines["customer"].nunique() == 4
    assert read.left_out == 1
