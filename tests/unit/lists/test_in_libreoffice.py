"""Files in LibreOffice: guarded ones by each separator it may guess, and every target's."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from regulars.lists.spreadsheet import cell
from tests.unit.targets.files import TARGETS, person, write

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


@pytest.mark.parametrize("name", TARGETS)
def test_every_targets_file_opens_as_the_table_that_it_is(name: str, tmp_path: Path) -> None:
    """Its headings, a row a person, names in their own letters, and nothing that is run."""
    letters = ["Zoë", "Łukasz 🌻", "王小明", "عمر", 'Ann "the" Bee', "O'Brien; Jr, 3rd"]
    people = [person(rank, first_name=letters[rank % len(letters)]) for rank in range(1, 121)]
    entry = write(tmp_path, name, people)
    (file,) = entry.files
    rules = TARGETS[name].file
    with (tmp_path / file.name).open(encoding=rules.encoding, newline="") as stream:
        lines = list(csv.reader(stream, delimiter=rules.delimiter))
    separator = next(code for code in SEPARATORS.values() if chr(code) == rules.delimiter)
    opened = opened_file(tmp_path / file.name, separator, tmp_path)
    assert "table:formula" not in opened
    shown = list(table(opened))
    assert shown[0] == lines[0]
    assert len(shown) == len(lines) == 121
    for heading in {"First Name", "first_name", "firstname", "FNAME"} & set(lines[0]):
        place = lines[0].index(heading)
        assert [row[place] for row in shown] == [line[place] for line in lines]


SPACES = {
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}


def table(opened: str) -> Iterator[list[str]]:
    """Its rows as shown; the many empty ones and columns after them are left out."""
    for row in ElementTree.fromstring(opened).iterfind(".//table:table-row", SPACES):
        cells: list[str] = []
        for one in row.iterfind("table:table-cell", SPACES):
            often = int(one.get(f"{{{SPACES['table']}}}number-columns-repeated", "1"))
            shown = "".join("".join(p.itertext()) for p in one.iterfind("text:p", SPACES))
            cells += [shown] * (often if shown or often < 50 else 0)
        if any(cells):
            yield cells


def opened_as(separator: str, cells: list[str], folder: Path) -> str:
    """The file as LibreOffice understands it, in its own format as text."""
    file = folder / "list.csv"
    with file.open("w", newline="", encoding="utf-8-sig") as stream:
        csv.writer(stream).writerows([["customer_id", "name"], *([text, text] for text in cells)])
    return opened_file(file, SEPARATORS[separator], folder)


def opened_file(file: Path, separator: int, folder: Path) -> str:
    # separator, quote, UTF-8, first line, no columns' formats, language, no quoted field is text,
    # detect numbers, then: evaluate formulas, as a person's click on "open" may
    options = f"{separator},34,76,1,,0,false,true,false,false,false,-1,true"
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
    return (folder / f"{file.stem}.fods").read_text(encoding="utf-8")
