"""An erasure reads typed files as the loader does, and leaves every other row as it was."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.erasure.delivered_file import FileUnreadable
from regulars.erasure.delivered_lines import without
from regulars.erasure.landing import READ_ONLY, REMOVED, clean
from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
from regulars.feeds.arrow_text import column_texts
from regulars.feeds.model import Column, Feed
from regulars.feeds.parse_parquet import ROWS_AT_ONCE
from regulars.settings import PROJECT, Settings
from tests.unit.feeds.conftest import make_feed

COLUMNS = (
    Column("id", "id", "text", required=True),
    Column("who", "Who", "text", is_customer=True),
    Column("amount", "amount", "numeric(14,2)"),
)
SEVEN = uuid.UUID(int=7)


def feed(**delivery: object) -> Feed:
    return make_feed(COLUMNS, **delivery)


@pytest.mark.parametrize(
    ("ids", "theirs"),
    [
        (pa.array([77.0, 78.0, None]), "77"),
        (pa.array([77, 78, None], pa.int32()), "77"),
        (pa.array([77, 78, None], pa.decimal128(12, 2)), "77"),
        (pa.array(["77", "78", None]).dictionary_encode(), "77"),
        (pa.array(["0077", "77", None]), "0077"),
        (pa.array([SEVEN.bytes, uuid.UUID(int=8).bytes, None], pa.uuid()), str(SEVEN)),
    ],
)
def test_a_parquet_file_loses_their_rows_however_their_id_is_typed(
    tmp_path: Path, ids: pa.Array, theirs: str
) -> None:
    table = pa.table({"id": ["a", "b", "c"], "Who": ids, "amount": [1.5, 2.5, None]})
    pq.write_table(table, tmp_path / "things.parquet")
    target = tmp_path / "after"
    person = Person(frozenset({theirs}))
    assert without(tmp_path / "things.parquet", feed(format="parquet"), person, target) == 1
    assert pq.read_table(target).equals(table.slice(1))


@pytest.mark.parametrize("written", ["77", "77.10", '"77"'])
def test_json_lines_lose_their_rows_however_their_id_is_written(
    tmp_path: Path, written: str
) -> None:
    others = '{"id": "b", "Who": 770}'
    (tmp_path / "things.jsonl").write_text(f'{{"id": "a", "Who": {written}}}\n{others}\n')
    target = tmp_path / "after"
    person = Person(frozenset({written.strip('"')}))
    assert without(tmp_path / "things.jsonl", feed(format="jsonl"), person, target) == 1
    assert target.read_text() == f"\n{others}\n"


def test_a_packed_parquet_file_of_no_feed_is_judged_by_its_words(tmp_path: Path) -> None:
    pq.write_table(pa.table({"said": ["call Q-77 back", "fine"]}), tmp_path / "letters.parquet")
    target = tmp_path / "after"
    assert without(tmp_path / "letters.parquet", None, Person(frozenset({"Q-77"})), target) == 1
    assert pq.read_table(target).to_pylist() == [{"said": "fine"}]


TYPED = pa.table(
    {
        "Who": pa.array(["77", "78", None] * 3).dictionary_encode(),
        "said": pa.array(["a", None, "c"] * 3, pa.large_string()),
        "key": pa.array([SEVEN.bytes, None, SEVEN.bytes] * 3, pa.uuid()),
        "many": pa.array([["x"], [], None] * 3, pa.list_(pa.string())),
        "part": pa.array([{"y": "z"}] * 9),
    }
).replace_schema_metadata({"made": "by somebody"})


def test_every_other_row_of_a_parquet_file_keeps_its_types(tmp_path: Path) -> None:
    pq.write_table(TYPED, tmp_path / "t.parquet", row_group_size=2)
    target = tmp_path / "after"
    things = make_feed((Column("who", "Who", "text", is_customer=True),), format="parquet")
    assert without(tmp_path / "t.parquet", things, Person(frozenset({"77"})), target) == 3
    kept = pq.read_table(target)
    others = pq.read_table(tmp_path / "t.parquet").filter(pa.array([False, True, True] * 3))
    assert kept.schema.equals(others.schema, check_metadata=True)
    assert kept.to_pylist() == others.to_pylist()


def test_a_parquet_file_is_judged_a_batch_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = 3 * ROWS_AT_ONCE
    pq.write_table(pa.table({"Who": [str(n) for n in range(rows)]}), tmp_path / "t.parquet")
    lengths = []

    def watched(values: pa.Array, *arguments: Any) -> list[str | None]:
        lengths.append(len(values))
        return column_texts(values, *arguments)

    monkeypatch.setattr("regulars.erasure.delivered_rows.column_texts", watched)
    things = make_feed((Column("who", "Who", "text", is_customer=True),), format="parquet")
    person = Person(frozenset({"20000"}))
    assert without(tmp_path / "t.parquet", things, person, tmp_path / "after") == 1
    assert 0 < max(lengths) <= ROWS_AT_ONCE


@pytest.mark.parametrize("declared", [feed(format="parquet", max_bytes=2**20), None])
def test_a_parquet_file_that_explodes_is_not_unpacked(
    tmp_path: Path, declared: Feed | None
) -> None:
    pq.write_table(pa.table({"Who": ["x" * 2**20] * 64}), tmp_path / "t.parquet")
    with pytest.raises(FileUnreadable):
        without(tmp_path / "t.parquet", declared, Person(frozenset({"77"})), tmp_path / "after")


def test_a_time_that_python_cannot_hold_ends_no_erasure(tmp_path: Path) -> None:
    dates = pa.array([20_000_000], pa.date32())
    pq.write_table(pa.table({"on": dates}), tmp_path / "t.parquet")
    with pytest.raises(FileUnreadable):
        without(tmp_path / "t.parquet", None, Person(frozenset({"Q-77"})), tmp_path / "after")


def test_a_column_name_that_stands_twice_hides_neither_column(tmp_path: Path) -> None:
    twice = pa.Table.from_arrays([pa.array(["Q-77", "fine"]), pa.array(["a", "b"])], ["x", "x"])
    pq.write_table(twice, tmp_path / "t.parquet")
    person = Person(frozenset({"Q-77"}))
    assert without(tmp_path / "t.parquet", None, person, tmp_path / "after") == 1


def test_where_landing_is_read_only_the_lines_are_counted_as_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "landing" / "shop" / "2026-10-31" / "things.csv"
    file.parent.mkdir(parents=True)
    file.write_text("id,Who,amount\na,77,1\nb,78,2\n")
    monkeypatch.setattr("regulars.erasure.landing.os.access", lambda path, mode: False)
    (tmp_path / "home").mkdir()
    settings = Settings(
        project=PROJECT, home=tmp_path / "home", landing=tmp_path / "landing", systems=("shop",)
    )
    people = {1: Person(frozenset({"77"}))}
    lines = clean(None, settings, (feed(),), people, is_dry=False)[1]  # type: ignore[arg-type]
    assert lines == [Line("landing", REMOVED, 0), Line("landing", READ_ONLY, 1, is_left=True)]
    assert "77" in file.read_text()
    assert list((tmp_path / "home").iterdir()) == []
