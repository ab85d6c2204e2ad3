"""Records are counted from bytes alone, wherever blocks happen to end."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.feeds import streams
from regulars.feeds.count import survey
from tests.unit.feeds.conftest import make_feed

PIECES = st.lists(st.sampled_from(["a,b", "\n", "\r\n", "x", "", "\n\n"]), max_size=25)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(pieces=PIECES, block=st.integers(1, 7))
def test_the_count_does_not_depend_on_where_blocks_end(
    tmp_path: Path, pieces: list[str], block: int
) -> None:
    content = "h\n" + "".join(pieces)
    file = tmp_path / "things.csv"
    file.write_bytes(content.encode())
    expected = sum(bool(line.strip("\r")) for line in content.split("\n")) - 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "BLOCK", block)
        assert survey(file, make_feed().delivery).records == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(
        st.lists(st.text(alphabet='ab,"\n', min_size=1, max_size=6), min_size=3, max_size=3),
        max_size=8,
    ),
    block=st.integers(1, 40),
)
def test_records_over_lines_are_counted_as_a_csv_writer_wrote_them(
    tmp_path: Path, rows: list[list[str]], block: int
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["id", "amount", "note"], *rows])
    file = tmp_path / "things.csv"
    file.write_text(text.getvalue())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "BLOCK", block)
        assert survey(file, make_feed(multiline=True).delivery).records == len(rows)


def test_empty_and_header_only_are_different_things(tmp_path: Path) -> None:
    file = tmp_path / "things.csv"
    file.write_bytes(b"")
    assert survey(file, make_feed().delivery).is_empty
    file.write_bytes(b"id,amount,note\n")
    found = survey(file, make_feed().delivery)
    assert (found.is_empty, found.records) == (False, 0)


def test_the_hash_is_of_the_content_compressed_or_not(tmp_path: Path) -> None:
    import gzip

    plain, packed = tmp_path / "things.csv", tmp_path / "things.csv.gz"
    plain.write_bytes(b"id,amount,note\na,1,x\n")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    delivery = make_feed().delivery
    assert survey(plain, delivery) == survey(packed, delivery)
