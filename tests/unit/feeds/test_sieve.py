"""The sieve: which lines of a block are plainly sound, and how those are written for COPY."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from regulars.carried import CARRIED_DIGITS
from regulars.feeds.model import Column
from regulars.feeds.plain_lines import BYTES_OF_CHARACTER, plain_lines
from regulars.feeds.shapes import LONGEST_BYTES
from regulars.feeds.sieve import Sieve
from regulars.feeds.text_lines import LineBlock
from tests.unit.feeds.conftest import COLUMNS, make_feed

DAY = date(2026, 3, 5)
ID = Column("id", "id", "text", required=True)


def sieve(columns: tuple[Column, ...] = COLUMNS, on: date = DAY, **delivery: object) -> Sieve:
    feed = make_feed(columns, **delivery)
    plain = plain_lines(feed, columns, on)
    assert plain is not None
    return Sieve(plain, feed.delivery, 9, on)


def block(text: str, first: int = 2) -> LineBlock:
    return LineBlock(first, text)


def plain_cells(column: Column, cells: list[str], on: date = DAY) -> list[str]:
    """Those of these cells that are plainly sound."""
    others = sieve((ID, column), on).sift(block("".join(f"a,{cell}\n" for cell in cells))).others
    return [cell for n, cell in enumerate(cells, 2) if n not in dict(others)]


def test_plain_lines_keep_their_numbers_and_their_text_between_others() -> None:
    sifted = sieve().sift(block("a,1.00,é\nb,x,fine\n\nc,,\n", first=5))
    assert sifted.plain.decode() == "9,5,2026-03-05,a,1.00,é\n9,8,2026-03-05,c,,\n"
    assert sifted.rows == 2
    assert sifted.others == [(6, "b,x,fine"), (7, "")]


def test_a_last_line_without_its_end_is_for_the_checks() -> None:
    sifted = sieve().sift(block("a,1.00,x\nb,2.00,y"))
    assert (sifted.rows, sifted.others) == (1, [(3, "b,2.00,y")])


def test_a_block_may_hold_nothing_or_nothing_plain() -> None:
    assert sieve().sift(block("")).plain == b""
    assert sieve().sift(block("a\nb\n")).plain == b""


def test_a_line_longer_than_a_field_may_be_is_for_the_checks() -> None:
    text = "a,1.00,xxxx\na,1.00,xxxxx\n"
    assert sieve(max_field_bytes=12).sift(block(text)).others == [(3, "a,1.00,xxxxx")]


def test_a_text_may_be_as_long_as_an_index_takes_in_a_line_of_any_length() -> None:
    columns = (ID, Column("kind", "kind", "text"), Column("note", "note", "text", is_long=True))
    long, longest = "é" * (LONGEST_BYTES // 2), "x" * (LONGEST_BYTES // BYTES_OF_CHARACTER)
    text = "".join(
        [f"a,{longest},\n", f"a,{longest},{long}\n", f"a,{longest}x,{long}\n", f"a,{long}x,\n"]
    )
    assert [number for number, _ in sieve(columns).sift(block(text)).others] == [4, 5]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_any_delimiter_may_part_the_cells(mark: str) -> None:
    line = mark.join(["a", "1.00", "fine"])
    sifted = sieve(delimiter=mark).sift(block(line + "\n" + line.replace(mark, "~") + "\n"))
    assert sifted.plain.decode() == mark.join(["9", "2", "2026-03-05", line]) + "\n"
    assert sifted.rows == 1


@pytest.mark.parametrize("on", [DAY, date(2024, 2, 28), date(2024, 2, 29), date(2026, 12, 31)])
def test_days_are_plain_to_the_one_after_the_delivery(on: date) -> None:
    days = [date(1799, 12, 30) + timedelta(days=n) for n in range((on.year - 1799) * 366)]
    plain = plain_cells(Column("day", "day", "date"), [day.isoformat() for day in days], on)
    known = [day for day in days if date(1800, 1, 1) <= day <= on + timedelta(days=1)]
    tomorrow = on + timedelta(days=1)
    leap = {day for day in known if (day.month, day.day) == (2, 29) and day.year < tomorrow.year}
    assert plain == [day.isoformat() for day in known if day not in leap]


def test_nothing_is_plain_of_a_delivery_before_all_days() -> None:
    columns = (ID, Column("day", "day", "date"))
    assert plain_lines(make_feed(columns), columns, date(1700, 1, 1)) is None


def test_numbers_are_plain_up_to_what_is_carried_whatever_their_type_takes() -> None:
    wide = Column("amount", "amount", "numeric(1000,2)")
    plain = ["9" * CARRIED_DIGITS + ".99", "-0.5"]
    assert plain_cells(wide, [*plain, "1" + "0" * CARRIED_DIGITS, "1.234"]) == plain


def signed(kind: Column, *rows: str, **bounds: str) -> list[str]:
    """Those of these rows (`kind,points`) that are plainly sound, if only gifts are above zero."""
    points = Column("points", "points", "integer", above_zero_for=("kind", ("gift",)), **bounds)
    lines = "".join(f"a,{cells}\n" for cells in rows)
    others = dict(sieve((ID, kind, points)).sift(block(lines)).others)
    return [cells for n, cells in enumerate(rows, 2) if n not in others]


def test_a_number_is_plain_on_the_side_of_zero_that_its_row_says() -> None:
    kind = Column("kind", "kind", "text", required=True, allowed=("gift", "sale", "fee"))
    sound = ["gift,5", "gift,0", "sale,-5", "fee,-10", "gift,", "fee,"]
    wrong = ["gift,-5", "sale,5", "fee,1", ",5", ",-5", "swap,-5"]
    for_the_checks = ["sale,0", "fee,-0"]  # of either side, and rare
    assert signed(kind, *sound, *wrong, *for_the_checks) == sound


def test_a_row_that_does_not_say_which_side_is_below_zero() -> None:
    kind = Column("kind", "kind", "text", allowed=("gift", "sale"))
    assert signed(kind, ",-5", ",5", "gift,5", "sale,5") == [",-5", "gift,5"]


def test_both_sides_of_zero_keep_to_their_bounds() -> None:
    kind = Column("kind", "kind", "text", allowed=("gift", "sale"))
    rows = ["gift,999", "sale,-99", "gift,1001", "gift,-5", "sale,-101"]
    assert signed(kind, *rows, minimum="-100", maximum="1000") == rows[:2]
    assert signed(kind, *rows, minimum="0") == ["gift,999", "gift,1001"]


def test_where_every_kind_is_above_zero_no_row_below_it_is_plain() -> None:
    kind = Column("kind", "kind", "text", allowed=("gift",))
    assert signed(kind, "gift,5", "swap,-5", ",-5", "gift,-5") == ["gift,5"]


def test_two_numbers_of_a_row_each_keep_to_the_side_that_its_kind_says() -> None:
    kind = Column("kind", "kind", "text", allowed=("gift", "sale", "fee"))
    points = Column("points", "points", "integer", above_zero_for=("kind", ("gift", "fee")))
    cents = Column("cents", "cents", "integer", above_zero_for=("kind", ("sale", "fee")))
    sound = ["gift,5,-7", "sale,-5,7", "fee,5,7"]
    wrong = ["sale,5,7", "gift,5,7", "gift,-5,-7", "fee,-5,7", ",5,7", "fee,5,-7"]
    for_the_checks = [",-5,-7"]  # no kind is below zero twice, so one without any is rare
    others = wrong + for_the_checks
    lines = "".join(f"a,{cells}\n" for cells in sound + others)
    found = sieve((ID, kind, points, cents)).sift(block(lines)).others
    assert [text for _, text in found] == [f"a,{cells}" for cells in others]


def test_below_zero_is_not_plain_where_the_highest_lies_lower_still() -> None:
    kind = Column("kind", "kind", "text", allowed=("gift", "sale"))
    points = Column("n", "n", "integer", maximum="-10", above_zero_for=("kind", ("gift",)))
    assert plain_lines(make_feed((ID, kind, points)), (ID, kind, points), DAY) is None


def test_nothing_is_plain_where_a_date_stands_for_its_month() -> None:
    columns = (ID, Column("month", "month", "date", is_month=True))
    assert plain_lines(make_feed(columns), columns, DAY) is None


def test_factors_are_plain_where_no_product_of_such_is_too_large() -> None:
    columns = (Column("pieces", "pieces", "bigint"), Column("price", "price", "numeric(14,2)"))
    found = plain_lines(make_feed(columns, multiplied=("pieces", "price")), columns, DAY)
    assert found
    half = "9" * (CARRIED_DIGITS // 2)
    assert re.fullmatch(found.pattern, f"{half},{half}.99")
    assert not re.fullmatch(found.pattern, f"{half}9,1.00")
    assert not re.fullmatch(found.pattern, f"1,{half}9.00")


@pytest.mark.parametrize(
    ("own", "phone", "is_plain"),
    [
        ("C7", "+31 6 1234 5678", True),
        ("C12345678", "", True),
        ("12345678", "+31 (0)6 1234-5678", False),
        ("+31 6 12345678", "06.1234/5678", False),
        ("C12345678", "345678", True),  # too short to be anybody's number
        ("C12345678", "12345679", True),
        ("x0612345678", "0612345678", False),
    ],
)
def test_an_id_that_may_be_the_telephone_number_of_its_row_is_for_the_checks(
    own: str, phone: str, is_plain: bool
) -> None:
    who = Column("who", "who", "text", is_customer=True)
    number = Column("tel", "tel", "text", personal="phone")
    for columns, line in [
        ((ID, who, number), f"a,{own},{phone}\n"),
        ((number, ID, who), f"{phone},a,{own}\n"),
    ]:
        assert sieve(columns).sift(block(line)).rows == is_plain
