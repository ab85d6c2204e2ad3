"""What was finished in the lake is read as it was finished, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from regulars.engines.dbt_results import TransformError
from regulars.engines.lake import finished
from regulars.private_files import make_missing

CONTENT = {"built": ["things"]}


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A table of three parts and one of one, as Spark leaves them, and the word for them."""
    folder = tmp_path / "tables"
    for name in ("things/part-0", "things/part-1", "things/part-2", "others/part-0"):
        make_missing((folder / name).parent)
        (folder / name).with_suffix(".parquet").write_bytes(b"PAR1")
    (folder / "things/_SUCCESS").touch()
    finished.say(tmp_path / "layer.json", CONTENT, [folder])
    return folder


def said(tables: Path) -> object:
    return finished.said(tables.with_name("layer.json"))


DAMAGES: dict[str, Callable[[Path], object]] = {
    r"things/part-1.parquet is gone": lambda part: part.unlink(),
    r"things/part-1.parquet has 0 bytes, not the 4": lambda part: part.write_bytes(b""),
    r"things/part-9.parquet was put there": lambda part: part.with_name(
        "part-9.parquet"
    ).write_bytes(b"PAR1"),
}


def test_what_is_as_it_was_left_is_read(tables: Path) -> None:
    (tables / "things/_SUCCESS").unlink()  # no engine reads it
    (tables / "things/.part-0.parquet.crc").touch()
    assert said(tables) == CONTENT


@pytest.mark.parametrize("what", DAMAGES)
def test_a_part_that_is_gone_or_another_is_told_and_where_and_what_to_do(
    tables: Path, what: str
) -> None:
    DAMAGES[what](tables / "things/part-1.parquet")
    with pytest.raises(TransformError, match=f"{tables}/{what}.*Run the night again from its"):
        said(tables)


def test_a_file_by_itself_is_left_as_it_is_too(tmp_path: Path) -> None:
    database = tmp_path / "build.duckdb"
    database.write_bytes(b"DUCK")
    finished.say(tmp_path / "layer.json", CONTENT, [database])
    database.unlink()
    with pytest.raises(TransformError, match=f"{database} is gone"):
        finished.said(tmp_path / "layer.json")
