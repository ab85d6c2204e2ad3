"""Whatever lies in landing, to whatever depth: nothing there ends a night."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.feeds.discover import discover
from regulars.feeds.landing_tree import files_below
from regulars.plain_text import plain
from tests.unit.feeds.conftest import make_feed

DEPTH = sys.getrecursionlimit() + 200


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder with one file at its bottom, deeper than Python recurses."""
    folder = tmp_path / "landing" / "shop"
    folder.mkdir(parents=True)
    bottom = str(folder) + "/d" * DEPTH
    above = str(folder)
    for _ in range(DEPTH):
        above += "/d"
        Path(above).mkdir()
    Path(bottom, "letter.txt").write_text("found")
    yield tmp_path / "landing"
    subprocess.run(["rm", "-rf", str(folder)], check=True)  # pytest would recurse


def test_a_tree_deeper_than_python_recurses_is_walked_to_its_bottom(deep: Path) -> None:
    assert [file.name for file in files_below(deep)] == ["letter.txt"]
    listing = discover(deep, [make_feed()])
    assert [name.rpartition("/")[2] for name in listing.unexpected] == ["letter.txt"]


def test_a_name_that_is_no_text_is_reported_as_one_that_can_be_printed(tmp_path: Path) -> None:
    folder = tmp_path / "landing" / "shop"
    folder.mkdir(parents=True)
    for name in (
        b"\xff\xfe.csv",
        b"\x1b[2Jorders.csv",
        "\u200f\u061c\u2028.csv".encode(),
    ):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).touch()
    names = discover(tmp_path / "landing", [make_feed()]).unexpected
    assert sorted(plain(name) for name in names) == [
        "shop/\\x1b[2Jorders.csv",
        "shop/\\x200f\\x61c\\x2028.csv",
        "shop/\\xdcff\\xdcfe.csv",
    ]
    for name in names:
        assert plain(name).encode("ascii")
