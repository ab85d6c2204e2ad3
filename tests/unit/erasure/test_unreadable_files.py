"""A file that cannot be opened may name anybody: an erasure says that it was left."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from regulars.erasure.landing import UNREADABLE, clean
from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
from regulars.settings import PROJECT, Settings

PERSON = Person(frozenset({"QC-PERSON-1"}), frozenset({"quincy@example.org"}))


@pytest.mark.parametrize("name", ["letters.csv.gz", "letters.parquet"])
def test_a_file_that_cannot_be_opened_is_counted_as_left(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "landing" / "house" / "2026-10-31"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(b"neither packed nor whole")
    settings = Settings(project=PROJECT, home=tmp_path, landing=tmp_path / "landing")
    no_connection = cast(Any, None)  # a dry run tells the ledger nothing
    lines = clean(no_connection, settings, (), PERSON, None)
    assert Line("landing", UNREADABLE, 1) in lines
    assert (folder / name).exists()
