"""The lake's folders: their owner's alone, files whole or not there, old nights gone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from regulars.engines.dbt_results import TransformError
from regulars.engines.lake import folders
from regulars.private_files import make_missing


@pytest.fixture
def open_mask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def write_half(file: Path) -> None:
    with folders.whole_file(file) as stream:
        stream.write(b"half")
        raise KeyboardInterrupt


@pytest.mark.usefixtures("open_mask")
def test_every_folder_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    make_missing(tmp_path / "lake" / "sources" / "raw")
    made = [tmp_path / "lake", *(tmp_path / "lake").rglob("*")]
    assert [path.stat().st_mode & 0o777 for path in made] == [0o700] * 3


@pytest.mark.usefixtures("open_mask")
def test_every_file_is_its_owners_alone(tmp_path: Path) -> None:
    folders.write_whole(tmp_path / "all.json", "{}")
    assert (tmp_path / "all.json").stat().st_mode & 0o777 == 0o600


def test_a_file_that_broke_off_is_not_there_and_an_engine_does_not_read_what_is_left(
    tmp_path: Path,
) -> None:
    """Spark reads each file of a folder whose name begins with neither . nor _."""
    folders.write_whole(tmp_path / "1.parquet", "before")
    with pytest.raises(KeyboardInterrupt):
        write_half(tmp_path / "1.parquet")
    assert (tmp_path / "1.parquet").read_text() == "before"
    assert [path.name[0] for path in tmp_path.iterdir() if path.name != "1.parquet"] == ["."]


def test_a_lake_is_its_first_warehouses_until_it_is_deleted(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    folders.claim(lake, "one")
    folders.claim(lake, "one")
    with pytest.raises(TransformError, match=r"another warehouse.*REGULARS_LAKE"):
        folders.claim(lake, "other")
    shutil.rmtree(lake)
    folders.claim(lake, "other")


def a_file(folder: Path) -> Path:
    (folder / "lake").write_text("notes about lakes")
    return folder / "lake"


NO_PLACES: dict[str, Callable[[Path], Path]] = {
    "a file": a_file,
    "below a file": lambda folder: a_file(folder) / "lake",
    "where nobody may write, the machine's owner neither": lambda folder: Path("/proc/lake"),
}


@pytest.mark.parametrize("place", NO_PLACES.values(), ids=NO_PLACES)
def test_a_place_that_cannot_be_written_is_told_and_what_to_do(
    tmp_path: Path, place: Callable[[Path], Path]
) -> None:
    lake = place(tmp_path)
    told = rf"The lake {lake} cannot be written: .+\. .*REGULARS_LAKE"
    with pytest.raises(TransformError, match=told):
        folders.claim(lake, "one")


def test_a_lake_that_can_be_written_no_more_is_told_too(tmp_path: Path) -> None:
    """What it holds can still be read: of whom it is, is found."""
    lake = tmp_path / "lake"
    folders.claim(lake, "one")
    (lake / "sources" / folders.TRIED).unlink()
    make_missing(lake / "sources" / folders.TRIED / "full")
    with pytest.raises(TransformError, match=rf"The lake {lake} cannot be written: "):
        folders.claim(lake, "one")


def test_nights_go_but_the_published_one_and_what_is_mirrored_stays(tmp_path: Path) -> None:
    for name in ("2026-10-29-ab", "2026-10-30-ab", "2026-10-31-ab", "sources/raw/orders-cd"):
        make_missing(tmp_path / name)
    for name in ("1-2.parquet", ".3-3.parquet.unfinished"):
        (tmp_path / "sources/raw/orders-cd" / name).touch()
    assert folders.sweep(tmp_path, date(2026, 10, 30)) == 3
    assert {path.name for path in tmp_path.iterdir()} == {"2026-10-30-ab", "sources"}
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["1-2.parquet"]
    assert folders.sweep(tmp_path, date(2026, 10, 30)) == 0


def test_a_lake_that_is_not_there_has_nothing_to_sweep(tmp_path: Path) -> None:
    assert folders.sweep(tmp_path / "lake", None) == 0
