"""What a line says, not how it is written: an escape or a doubled quote hides nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.erasure.delivered_lines import without
from regulars.erasure.person import Person
from regulars.feeds.model import Column, Feed
from tests.unit.feeds.conftest import make_feed

OWNED = (
    Column("id", "id", "text", required=True),
    Column("who", "who", "text", is_customer=True),
    Column("phone", "phone", "text", personal="phone"),
    Column("email", "email", "text", personal="email"),
)
OTHERS = '{"id": "b", "who": "K/10024"}\n'


def lost(tmp_path: Path, feed: Feed | None, name: str, content: str, person: Person) -> int:
    (tmp_path / name).write_text(content)
    return without(tmp_path / name, feed, person, tmp_path / "after")


@pytest.mark.parametrize(
    ("line", "person"),
    [
        (r'{"id": "a", "who": "K\/10023"}', Person(frozenset({"K/10023"}))),
        (r'{"id": "a", "who": "\u004b/10023"}', Person(frozenset({"K/10023"}))),
        (
            r'{"id": "a", "who": null, "phone": "\u002B31612345678"}',
            Person(frozenset({"QC-9"}), frozenset({"+31612345678"})),
        ),
        (
            r'{"id": "a", "who": null, "email": "m\u00fcller@x.org"}',
            Person(frozenset({"QC-9"}), frozenset({"müller@x.org"})),
        ),
    ],
)
def test_json_lines_lose_their_rows_however_their_words_are_escaped(
    tmp_path: Path, line: str, person: Person
) -> None:
    feed = make_feed(OWNED, format="jsonl")
    assert lost(tmp_path, feed, "things.jsonl", f"{line}\n{OTHERS}", person) == 1
    assert (tmp_path / "after").read_text() == f"\n{OTHERS}"


@pytest.mark.parametrize("name", ["letters.jsonl", "letters.json", "notes.txt"])
def test_a_file_of_no_feed_hides_no_escaped_word(tmp_path: Path, name: str) -> None:
    content = r'{"said": "write\nm\u00fcller@x.org, or K\/10023"}' + "\n"
    for person in (
        Person(frozenset({"K/10023"})),
        Person(frozenset({"QC-9"}), frozenset({"müller@x.org"})),
    ):
        assert lost(tmp_path, None, name, content, person) == 1


def test_a_broken_json_line_is_judged_by_what_its_words_say(tmp_path: Path) -> None:
    feed, person = make_feed(OWNED, format="jsonl"), Person(frozenset({"K/10023"}))
    assert lost(tmp_path, feed, "t.jsonl", r'{"id": "a", "who": "K\/10023"' + "\n", person) == 1


def test_a_text_names_them_in_whatever_escapes() -> None:
    person = Person(frozenset({"K/10023"}), frozenset({"+31612345678"}))
    assert person.is_named_in(r'{"who": "K\/10023", "amount": "a lot"}')
    assert person.is_named_in(r"call\n\u002b31612345678")
    assert not person.is_named_in(r'{"who": "K\/100234"}')


def test_csv_loses_their_rows_where_a_quote_in_their_id_is_doubled(tmp_path: Path) -> None:
    content = 'id,who,phone,email\na,"K""7",,\nb,K7,,\n'
    assert lost(tmp_path, make_feed(OWNED), "things.csv", content, Person(frozenset({'K"7'}))) == 1


def test_a_json_line_nested_beyond_reading_ends_no_erasure(tmp_path: Path) -> None:
    feed, person = make_feed(OWNED, format="jsonl"), Person(frozenset({"QC-77"}))
    deep = '{"who": "QC-77", "x": ' + "[" * 200_000 + "\n"
    assert lost(tmp_path, feed, "things.jsonl", deep, person) == 1
