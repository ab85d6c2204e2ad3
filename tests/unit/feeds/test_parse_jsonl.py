"""JSON lines become the same text that CSV would have brought."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import pytest

from regulars.feeds.refusal import FileRefused


@pytest.fixture
def parse_json(parse: Callable) -> Callable:
    return partial(parse, name="things.jsonl", format="jsonl")


def test_values_become_text_and_numbers_keep_their_digits(parse_json: Callable) -> None:
    lines, tally = parse_json('{"id": 9007199254740993, "amount": 12.30, "note": true}\n')
    assert lines == ["7\t1\t\t\t9007199254740993\t12.30\ttrue"]
    assert tally.records == 1


def test_exponents_are_written_out(parse_json: Callable) -> None:
    lines, _ = parse_json('{"id": "a", "amount": 1.5e3}\n{"id": "b", "amount": 1e999}\n')
    assert [line.split("\t")[5] for line in lines] == ["1500", "1e999"]


def test_null_and_absent_are_null_and_unknown_names_are_drift(parse_json: Callable) -> None:
    lines, tally = parse_json('{"id": "a", "amount": null, "colour": "red"}\n')
    assert lines == ["7\t1\t\t\ta\t\t"]
    assert (tally.drift, tally.missing) == (["colour"], ["note"])


def test_text_is_escaped_for_copy(parse_json: Callable) -> None:
    lines, _ = parse_json(json.dumps({"id": "a\tb", "note": "x\ny\\"}) + "\n")
    assert lines == ["7\t1\t\t\ta\\tb\t\tx\\ny\\\\"]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("[1]", "bad_json"),
        ('{"id": "a"', "bad_json"),
        ('{"id": "a", "id": "b"}', "duplicate_field"),
        ('{"id": "a\\u0000"}', "control_characters"),
        ('{"id": "a\\ud800"}', "bad_text"),
        ("[" * 100_000, "bad_json"),
    ],
)
def test_a_bad_line_is_condemned_alone(parse_json: Callable, line: str, rule: str) -> None:
    lines, tally = parse_json(f'{{"id": "k"}}\n{line}\n{{"id": "z"}}\n')
    assert [cells.split("\t")[2] for cells in lines] == ["", rule, ""]
    assert tally.records == 3


def test_a_last_line_without_end_refuses_the_file(parse_json: Callable) -> None:
    with pytest.raises(FileRefused, match="no line end"):
        parse_json('{"id": "a"}\n{"id": "b"}')
