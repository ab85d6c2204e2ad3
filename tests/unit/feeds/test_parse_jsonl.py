"""JSON lines become the same text that CSV would have brought."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from regulars.feeds.model import Column
from regulars.feeds.parsers_by_format import open_parser
from regulars.feeds.refusal import FileRefused
from tests.unit.feeds.conftest import make_feed


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


def test_values_of_text_columns_are_kept_as_they_came(parse_json: Callable) -> None:
    values = [
        "1.50",
        "1e5",
        '{"a": 1.5,"b":[1, 2.0,"\\u00e9"]}',
        "[1,  2]",
        "9007199254740993",
        "{}",
    ]
    lines, _ = parse_json("".join(f'{{ "x": 1, "id": "a", "note" : {v} }}\n' for v in values))
    assert [line.split("\t")[6].replace("\\\\", "\\") for line in lines] == values


def test_numbers_are_taken_by_value_where_the_column_holds_numbers(parse_json: Callable) -> None:
    lines, _ = parse_json('{"id": "a", "amount": 1234.50}\n', decimal=",", thousands=".")
    assert lines[0].split("\t")[5] == "1234,50"


def test_a_name_that_must_be_there_and_never_is_refuses_the_file(tmp_path: Path) -> None:
    columns = (
        Column("id", "id", "text"),
        Column("staff", "staff", "text", is_header_required=True),
    )
    file = tmp_path / "things.jsonl"
    for content, is_sound in (
        ('{"id": "a"}\n{"id": "b", "staff": null}\n', True),
        ('{"id": "a", "is_staff": true}\n', False),
    ):
        file.write_text(content)
        parser = open_parser(make_feed(columns, format="jsonl"), file, 0)
        if is_sound:
            list(parser.copy_blocks())
        else:
            with pytest.raises(FileRefused, match=r"column staff; undeclared ones came: is_staff"):
                list(parser.copy_blocks())


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


def test_a_last_line_without_its_end_is_noted_or_refused_as_declared(parse_json: Callable) -> None:
    content = '{"id": "a"}\n{"id": "b"}'
    assert parse_json(content)[1].unended_line == 2
    with pytest.raises(FileRefused, match="no line end"):
        parse_json(content, final_newline="required")
