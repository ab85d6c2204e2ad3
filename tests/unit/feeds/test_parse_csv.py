"""CSV: what becomes a row, what condemns a line, what condemns the file."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from regulars.feeds import streams
from regulars.feeds.model import Column
from regulars.feeds.parser import Tally
from regulars.feeds.parsers_by_format import open_parser
from regulars.feeds.refusal import FileRefused
from tests.unit.feeds.conftest import make_feed

HEADER = "id,amount,note\n"


def rules(lines: list[str], delimiter: str = ",") -> dict[int, str]:
    """Line number -> rule of the lines that a parser condemned."""
    cells = (line.split(delimiter, 4) for line in lines)
    return {int(cell[1]): cell[2] for cell in cells if cell[2]}


def test_a_sound_line_is_sent_as_it_stands_with_its_number(parse: Callable) -> None:
    lines, tally = parse(HEADER + "a,1.00,fine\nb,2.00,\n")
    assert lines == ["7,2,,,a,1.00,fine", "7,3,,,b,2.00,"]
    assert tally.records == 2


def test_columns_are_matched_by_name_in_any_order(parse: Callable) -> None:
    lines, _ = parse("note,id,amount\nfine,a,1.00\n")
    assert lines == ["7,2,,,a,1.00,fine"]


def test_a_header_in_another_order_is_noted_and_names_nothing_undeclared(parse: Callable) -> None:
    _, tally = parse("note,Anna Smith,id,amount\nfine,x,a,1.00\n")
    assert tally.columns == ["note", "", "id", "amount"]
    _, as_declared = parse(HEADER + "a,1.00,fine\n")
    assert as_declared.columns is None


def test_quotes_are_undone_and_what_copy_would_misread_is_escaped(parse: Callable) -> None:
    lines, _ = parse(HEADER + 'a,1.00,"x, ""y"" \\N"\n')
    assert lines == ['7,2,,,a,1.00,x\\, "y" \\\\N']


@pytest.mark.parametrize("bad", ['a,1,5" pipe', 'a,1,"x"y', 'a"b,1,x', 'a,1,x"'])
def test_a_stray_quote_condemns_its_line_and_swallows_no_other(parse: Callable, bad: str) -> None:
    lines, tally = parse(f"{HEADER}k,1,x\n{bad}\nb,2,y\nc,3,z\n")
    assert rules(lines) == {3: "stray_quote"}
    assert tally.records == 4
    assert "7,5,,,c,3,z" in lines


@pytest.mark.parametrize("bad", ["a,1", "a,1,x,y", "a"])
def test_a_line_with_other_than_the_header_s_fields_is_condemned(parse: Callable, bad: str) -> None:
    lines, _ = parse(f"{HEADER}{bad}\nb,2,y\n")
    assert rules(lines) == {2: "field_count"}


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\r"])
def test_control_characters_condemn_their_line(parse: Callable, character: str) -> None:
    lines, _ = parse(f"{HEADER}a,1,x{character}y\nb,2,y\n")
    assert rules(lines) == {2: "control_characters"}
    assert "\x00" not in "".join(lines)


def test_tabs_accents_and_crlf_are_ordinary(parse: Callable) -> None:
    lines, _ = parse("id,amount,note\r\na,1,caf\u00e9\u00a0\tx\r\n")
    assert lines == ["7,2,,,a,1,caf\u00e9\u00a0\tx"]


def test_a_byte_order_mark_is_stripped_once(parse: Callable) -> None:
    lines, _ = parse("\ufeff" + HEADER + "a,1,x\n")
    assert lines == ["7,2,,,a,1,x"]
    with pytest.raises(FileRefused, match="required column id"):
        parse("\ufeff\ufeff" + HEADER + "a,1,x\n")


def test_blank_lines_are_no_records_and_keep_the_count_of_lines(parse: Callable) -> None:
    lines, tally = parse(HEADER + "\na,1,x\n\n\nb,2,y\n\n")
    assert lines == ["7,3,,,a,1,x", "7,6,,,b,2,y"]
    assert tally.records == 2


def test_an_extra_column_is_drift_and_a_missing_optional_one_null(parse: Callable) -> None:
    lines, tally = parse("id,colour,amount\na,red,1\n")
    assert lines == ["7,2,,,a,1,"]
    assert tally.drift == ["colour"]
    assert tally.missing == ["note"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n", "first line is empty"),
        (b"id;amount;note\na;1;x\n", "single field"),
        (b"id,amount,id\na,1,b\n", "twice: id"),
        (b"amount,note\n1,x\n", "required column id"),
        (b'"id,amount,note\na,1,x\n', "quotes in its header"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (HEADER.encode("utf-16-le"), "UTF-16"),
        (b"id,amount,note\na,1,caf\xe9\n", "line 2 is not utf-8"),
        (b"id,amount,note\na,1,x\nb,2", "last line .3. is incomplete"),
        (b'id,amount,note\na,1,x\nb,2,"cut', "last line .3. is incomplete"),
        (b"id,amount,note\na,1,x\nb,2\n", "last line .3. is incomplete"),
        (b'id,amount,note\na,1,x\nb,2,"cut\n', "last line .3. is incomplete"),
        (b"PK\x03\x04rest", "zip"),
    ],
)
def test_a_file_level_fault_refuses_the_file(parse: Callable, content: bytes, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        parse(content)


def test_a_refusal_never_shows_what_a_file_without_header_has_in_its_first_line(
    parse: Callable,
) -> None:
    with pytest.raises(FileRefused) as refusal:
        parse("jane@example.org,1,x\njoe@example.org,2,y\n")
    assert "jane" not in str(refusal.value)


@pytest.mark.parametrize("multiline", [False, True])
def test_a_complete_last_line_without_its_end_is_noted(parse: Callable, multiline: bool) -> None:
    lines, tally = parse(HEADER + "a,1,x\nb,2,y", multiline=multiline)
    assert lines[-1] == "7,3,,,b,2,y"
    assert tally.unended_line == 3
    assert parse(HEADER + "a,1,x\n", multiline=multiline)[1].unended_line is None


@pytest.mark.parametrize("multiline", [False, True])
def test_a_missing_last_line_end_can_be_declared_a_fault(parse: Callable, multiline: bool) -> None:
    with pytest.raises(FileRefused, match="no line end"):
        parse(HEADER + "a,1,x\nb,2,y", final_newline="required", multiline=multiline)


def test_a_field_over_its_limit_condemns_its_line(parse: Callable) -> None:
    lines, _ = parse(f"{HEADER}a,1,{'x' * 200}\nb,2,y\n", max_field_bytes=100)
    assert rules(lines) == {2: "field_too_long"}


def test_a_line_without_end_refuses_the_file_before_memory_fills(parse: Callable) -> None:
    with pytest.raises(FileRefused, match="line of more than 800 bytes"):
        parse(HEADER + "x" * 5_000, max_field_bytes=100)


def test_null_markers_other_than_the_empty_string_leave_empty_text_alone(parse: Callable) -> None:
    lines, _ = parse(HEADER + "a,1,\n", nulls=("NA",))
    assert lines == [r"7,2,\N,\N,a,1,"]


def test_a_gzip_bomb_is_refused(parse: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SMALL", 1_000)
    bomb = gzip.compress((HEADER + "a,1,x\n" * 100_000).encode())
    with pytest.raises(FileRefused, match="grows beyond"):
        parse(bomb, name="things.csv.gz", max_ratio=10)


def test_a_gzip_file_that_was_cut_off_is_refused(parse: Callable) -> None:
    whole = gzip.compress((HEADER + "a,1,x\n").encode())
    with pytest.raises(FileRefused, match="cut off"):
        parse(whole[:-9], name="things.csv.gz")


def test_gzip_and_plain_content_parse_alike(parse: Callable) -> None:
    content = HEADER + "a,1,x\n"
    assert parse(gzip.compress(content.encode()), name="things.csv.gz")[0] == parse(content)[0]


def test_lines_longer_than_a_block_are_put_together(
    parse: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = HEADER + "".join(f"{n},1,caf\u00e9 {n}\n" for n in range(50))
    whole = parse(content)
    monkeypatch.setattr(streams, "BLOCK", 5)
    assert parse(content)[0] == whole[0]


EU = "id,amount,note\na,1,Jos\u00e9\nb,2,Zo\u00eb\nc,3,plain\n"


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252", "iso-8859-15", "mac-roman"])
def test_utf8_in_a_feed_of_single_bytes_is_noticed(parse: Callable, encoding: str) -> None:
    with pytest.raises(FileRefused, match=r"it is UTF-8 \(line 2\), its declaration says"):
        parse(EU.encode(), encoding=encoding)


def test_one_line_of_utf8_among_others_is_noticed(parse: Callable) -> None:
    mixed = HEADER.encode() + b"a,1,caf\xe9\n" + "b,2,na\u00efve \u20ac\n".encode() + b"c,3,x\n"
    with pytest.raises(FileRefused, match=r"UTF-8 \(line 3\)"):
        parse(mixed, encoding="latin-1")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (
            "caf\u00e9 \u00c3\u00a9 \u00e9t\u00e9",
            "latin-1",
        ),  # UTF-8 in one place only
        ("\u20ac 12, \u201cquoted\u201d \u2013 na\u00efve", "windows-1252"),
        ("\u041f\u0440\u0438\u0432\u0435\u0442, \u041c\u0418\u0420", "cp1251"),
        ("\u041f\u0440\u0438\u0432\u0435\u0442, \u041c\u0418\u0420", "koi8-r"),
        ("\u03ba\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1", "iso-8859-7"),
        ("plain", "latin-1"),
    ],
)
def test_text_that_is_what_its_declaration_says_is_read(
    parse: Callable, text: str, encoding: str
) -> None:
    lines, _ = parse(
        f"id;amount;note\na;1;{text}\n".encode(encoding), encoding=encoding, delimiter=";"
    )
    assert lines == [f"7;2;;;a;1;{text}"]


GUARDED = (
    Column("id", "id", "text", required=True),
    Column("is_staff", "staff", "boolean", is_header_required=True),
    Column("birth_date", "birth_date", "date", is_header_required=True),
    Column("note", "note", "text"),
)


def parse_header(tmp_path: Path, header: str) -> Tally:
    file = tmp_path / "things.csv"
    file.write_text(header + "\n")
    parser = open_parser(make_feed(GUARDED), file, 0)
    list(parser.copy_blocks())
    return parser.tally


def test_a_column_required_in_the_header_may_be_empty_but_not_missing(tmp_path: Path) -> None:
    assert parse_header(tmp_path, "id,staff,birth_date").missing == ["note"]
    with pytest.raises(FileRefused) as refusal:
        parse_header(tmp_path, "id,is_staff,dob,note")
    assert "required column staff, birth_date; undeclared ones came: is_staff, dob." in str(
        refusal.value
    )


def test_a_name_that_could_be_a_value_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refusal:
        parse_header(tmp_path, "id,staff,note,jane@example.org,0612345678")
    assert "jane" not in str(refusal.value)
    assert "0612345678" not in str(refusal.value)
    with pytest.raises(FileRefused) as refusal:
        parse_header(tmp_path, "Jane,Person,Amsterdam")
    assert "Jane" not in str(refusal.value)
    drift = parse_header(tmp_path, "id,staff,birth_date,jane@example.org,colour").drift
    assert drift == ["(a name that is not shown)", "colour"]


class TestMultiline:
    """Feeds declared `multiline: true`."""

    def test_a_record_may_hold_line_ends_inside_quotes(self, parse: Callable) -> None:
        lines, tally = parse(HEADER + 'a,1,"two\nlines"\nb,2,y\n', multiline=True)
        assert sorted(lines) == ["7,2,,,a,1,two\\nlines", "7,4,,,b,2,y"]
        assert tally.records == 2

    def test_a_stray_quote_stays_alone_on_its_line(self, parse: Callable) -> None:
        lines, _ = parse(HEADER + 'a,1,5" pipe\nb,2,y\nc,3,"z"\n', multiline=True)
        assert rules(lines) == {2: "stray_quote"}
        assert "7,3,,,b,2,y" in lines

    def test_a_quote_that_is_never_closed_refuses_the_file(self, parse: Callable) -> None:
        with pytest.raises(FileRefused, match="opened in line 3 is not closed"):
            parse(HEADER + 'a,1,x\nb,2,"y\nc,3,z\n', multiline=True)


@pytest.mark.parametrize("multiline", [False, True])
def test_raw_text_is_found_again_by_its_line_number(tmp_path: Path, multiline: bool) -> None:
    file = tmp_path / "things.csv"
    file.write_text(HEADER + "a,1,x\nb,2,y\nc,3,z\n")
    parser = open_parser(make_feed(multiline=multiline), file, 0)
    assert dict(parser.raw_texts([2, 4])) == {2: "a,1,x", 4: "c,3,z"}


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for rows in (60_000, 180_000):
        file = tmp_path / "things.csv"
        file.write_text(HEADER + "identifier,12.50,a note of some length\n" * rows)
        tracemalloc.start()
        for _ in open_parser(make_feed(), file, 0).copy_blocks():
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
