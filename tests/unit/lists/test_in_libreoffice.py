"""A guarded file opened by LibreOffice, by each separator that a spreadsheet may guess."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from regulars.lists.spreadsheet import cell

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
SEPARATORS = {"comma": 44, "semicolon": 59, "tab": 9}
CELLS = (
    "=1+1",
    "+1+1",
    "@SUM(1;1)",
    '=HYPERLINK("http://127.0.0.1/";"x")',
    'Jan;"=1+1',
    "Jan;=1+1",
    "\u200b=1+1",
    "\uff1d1+1",
    "\t=1+1",
)

pytestmark = [
    pytest.mark.slow,  # it starts anew for each file
    pytest.mark.skipif(OFFICE is None, reason="no LibreOffice here to open a file with"),
]


@pytest.mark.parametrize("separator", SEPARATORS)
def test_no_cell_of_a_guarded_file_is_a_formula(separator: str, tmp_path: Path) -> None:
    opened = opened_as(separator, [cell(text) for text in CELLS], tmp_path)
    assert "1+1" in opened
    assert "table:formula" not in opened


def test_a_cell_without_its_guard_would_be_one(tmp_path: Path) -> None:
    assert "table:formula" in opened_as("comma", ["=1+1"], tmp_path)


def opened_as(separator: str, cells: list[str], folder: Path) -> str:
    """The file as LibreOffice understands it, in its own format as text."""
    file = folder / "list.csv"
    with file.open("w", newline="", encoding="utf-8-sig") as stream:
        csv.writer(stream).writerows([["customer_id", "name"], *([text, text] for text in cells)])
    # separator, quote, UTF-8, first line, no columns' formats, language, no quoted field is text,
    # detect numbers, then: evaluate formulas, as a person's click on "open" may
    options = f"{SEPARATORS[separator]},34,76,1,,0,false,true,false,false,false,-1,true"
    subprocess.run(
        [
            str(OFFICE),
            "--headless",
            f"-env:UserInstallation=file://{folder}/profile",
            f"--infilter=Text - txt - csv (StarCalc):{options}",
            "--convert-to",
            "fods",
            "--outdir",
            str(folder),
            str(file),
        ],
        check=True,
        capture_output=True,
        timeout=120,
        env={**os.environ, "HOME": str(folder)},
    )
    return (folder / "list.fods").read_text(encoding="utf-8")
