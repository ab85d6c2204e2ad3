"""An erasure reads typed files as the loader does, and leaves every other row as it was."""

from __future__ import annotations

import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.erasure.delivered_lines import without
from regulars.erasure.landing import READ_ONLY, REMOVED, clean
from regulars.erasure.person import Person
from regulars.erasure.receipt import Line
from regulars.feeds.model import Column, Feed
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
    lines = clean(None, settings, (feed(),), Person(frozenset({"77"})), 1)  # type: ignore[arg-type]
    assert lines == [Line("landing", REMOVED, 0), Line("landing", READ_ONLY, 1)]
    assert "77" in file.read_text()
    assert list((tmp_path / "home").iterdir()) == []
