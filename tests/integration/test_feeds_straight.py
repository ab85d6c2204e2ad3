"""The short way into raw ends as the long one: rows, quarantine and ledger are the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from regulars.feeds import batch, raw_tables, straight
from tests.integration.feed_shop import COLUMNS, HEADER, SOUND, Shop, row
from tests.integration.test_feeds import BAD_VALUES

# As the large feeds declare them: no column here asks for more than a pattern can tell.
PLAIN_COLUMNS: dict = {
    "quantity": ("integer", {"min": 1}),
    "price": ("numeric(12,2)", {"min": 0}),
    "balance": ("numeric(14,2)", {}),
    "seen_at": ("timestamp", {}),
    "who": ("text", {"customer": True}),
    "tel": ("text", {"personal": "phone"}),
    "points": ("integer", {"min": -1000, "max": 1000, "above_zero_for": {"kind": ["gift"]}}),
}
WHO = "select who from raw.sales"
EXTRA = {
    "balance": "-3.10",
    "seen_at": "2026-01-05 10:00:00.5",
    "who": "C7",
    "tel": "+31 (0)6 1234-5678",
    "points": "-3",
}
HEAD = HEADER.strip() + "," + ",".join(EXTRA) + "\n"
CELLS = [
    *("", " ", "0", "00", "1", "-1", "-0", "01", "1000", "999999999", "2147483648", "1.0", "1."),
    *(".5", "-.5", "9.500", "9.555", "99999999999.99", "999999999999", "1e3", "NaN", "+5", "٣"),
    *("true", "false", "t", "TRUE", "sale", "gift", "sal", "late", "a b", "é", "x" * 41),
    *("2026-01-05", "2026-01-06", "2026-01-07", "2026-02-29", "2024-02-29", "2026-04-31"),
    *("2025-12-31", "2027-01-01", "1899-12-31", "0001-01-01", "2199-12-31", "now", "infinity"),
    *("2026-01-06T23:59:59Z", "2026-01-06 23:59:59.999999+14:00", "2026-01-07T00:00:00Z"),
    *("2026-01-05T24:00:00Z", "2026-01-05T23:59:60Z", "2026-01-05T10:00:00", "2025-03-30 02:30:00"),
    *("2026-01-05T10:00:00+15:30", "2026-01-05T10:00:00-0130", "2026-01-05T10:00:00+01"),
    *("2026-01-05T10:00:00.1234567Z", "2026-01-05t10:00:00Z", "2026-01-05  10:00:00Z"),
    *("C7", "quincy@example.org", "a@b", "null", "NULL", "\\N", "\\", "\x0b", "\x85", '"'),
    *('"x, ""y"""', "a,b", "a\tb"),
    *("x" * 81, "x" * 320, "x" * 321, "é" * 160, "é" * 161),  # about what an index takes
    *("0612345678", "x0612345678", "12345678", "345678", "(6) 123.456/78", "1234567é", "0" * 9),
]
STATE = (
    f"select _line, _delivered_on, {', '.join([*COLUMNS, *EXTRA])} from raw.sales order by 1",
    "select file, line, raw_text, rule, reason from raw.quarantine order by line",
    "select delivered_on, revision, rewrite_no, sha256, path, size, status, rows_in, rows_loaded,"
    " rows_quarantined, rows_redelivered, rows_erased, reason, drift, warnings, may_be_cut,"
    " has_row_count from raw.deliveries",
)


@pytest.fixture
def plain_shop(shop: Shop) -> Iterator[Shop]:
    declare(shop)
    raw_tables.migrate(shop.settings)
    yield shop
    shop.declare()


def declare(shop: Shop, **delivery: object) -> None:
    shop.declare(PLAIN_COLUMNS | {name: PLAIN_COLUMNS[name] for name in EXTRA}, **delivery)


def line(**changes: str) -> str:
    usual = {name: value for name, value in changes.items() if name in SOUND}
    return row(**usual).strip("\n") + "," + ",".join((EXTRA | changes)[n] for n in EXTRA) + "\n"


def state(shop: Shop) -> list[list[tuple]]:
    return [shop.query(statement) for statement in STATE]


Ways = Callable[[str | bytes], bool]


@pytest.fixture
def both_ways(plain_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Ways:
    """Load a file the long way and by trying the short one; compare. Returns whether the short
    way was gone to its end."""
    arrived: list[bool] = []
    check = batch._check_straight

    def noted(*arguments: object) -> object:
        outcome = check(*arguments)  # type: ignore[arg-type]
        arrived.append(outcome is not None)
        return outcome

    def load(content: str | bytes, least_bytes: int) -> list[list[tuple]]:
        monkeypatch.setattr(straight, "LEAST_BYTES", least_bytes)
        plain_shop.empty()
        plain_shop.put(content)
        plain_shop.ingest()
        return state(plain_shop)

    def compare(content: str | bytes) -> bool:
        monkeypatch.setattr(batch, "_check_straight", noted)
        long = load(content, 2**30)
        assert not arrived
        assert load(content, 0) == long
        return arrived.pop()

    return compare


def mutated(rng: random.Random) -> str:
    """A sound line, or one with a cell or two of another kind, or one that is broken up."""
    dice = rng.random()
    if dice < 0.6:
        told = {"sale_id": f"s{rng.randrange(9999)}", "price": f"{rng.randrange(99)}.5"}
        kind, points = rng.choice((("sale", "-4"), ("sale", "-12"), ("gift", "3"), ("gift", "99")))
        return line(kind=kind, points=points, **told)
    if dice < 0.95:
        columns = rng.sample(list(SOUND | EXTRA), rng.choice((1, 1, 2)))
        said = {"kind": rng.choice(("sale", "gift")), "points": rng.choice(("-1", "0", "1"))}
        return line(**said | {name: rng.choice(CELLS) for name in columns})
    text = list(line())
    place = rng.randrange(len(text) - 1)
    text[place] = rng.choice(["", ",", '"', "\n", "\r", "\x00", "é", "'", ";"])
    return "".join(text)


@pytest.mark.parametrize("seed", range(4))
def test_random_lines_end_alike(both_ways: Ways, seed: int) -> None:
    rng = random.Random(seed)
    assert both_ways(HEAD + "".join(mutated(rng) for _ in range(4000)))


def test_every_known_bad_value_ends_alike(both_ways: Ways) -> None:
    bad = [line(**{column: value}) for column, value, _ in BAD_VALUES]
    assert both_ways(HEAD + "".join(bad) + line() * 2 * len(bad))


def test_ids_beside_a_telephone_number_end_alike(both_ways: Ways, plain_shop: Shop) -> None:
    numbers = [cell for cell in CELLS if sum(map(str.isdigit, cell)) >= 5 and cell.isprintable()]
    pairs = [line(who=who, tel=tel) for who in numbers for tel in numbers]
    assert both_ways(HEAD + "".join(pairs))
    assert set(plain_shop.rules().values()) == {"personal_id"}


@pytest.mark.parametrize(
    ("content", "arrives"),
    [
        (HEAD, True),
        (HEAD + line() * 3, True),
        (HEAD.replace("note,", "") + line().replace("fine,", "") * 3, True),  # a column is missing
        (HEAD.replace("\n", ",new\n") + line().replace("\n", ",1\n"), False),  # nobody declared it
        ((HEAD + line() * 2 + line(price="x")).replace("\n", "\r\n"), True),
        ("\ufeff" + HEAD + line() * 2, True),
        (HEAD.encode() + line(note="café").encode("latin-1"), False),
        (HEAD + line() + line().strip(), True),  # its last line has no end
        (HEAD + line() + line()[:20], False),  # cut off within it
        (HEAD + line() + 'a,"' + line(), False),
        (HEAD + line() + "\n\n" + line(), True),
        (HEAD.replace("sale_id", "sale"), False),
        (HEAD + line(price="x") * 2 + line(), False),  # most are for the checks
    ],
)
def test_an_odd_file_ends_alike(both_ways: Ways, content: str | bytes, arrives: bool) -> None:
    assert both_ways(content) is arrives


def test_each_large_file_of_many_goes_straight(
    plain_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_shop.empty()
    for day in ("05", "06", "07"):
        plain_shop.put(HEAD + line() * 2, f"2026-01-{day}/sales.csv")
    ends = []
    copy = straight.copy
    monkeypatch.setattr(straight, "LEAST_BYTES", 0)
    monkeypatch.setattr(straight, "copy", lambda *given: ends.append(copy(*given)) or ends[-1])
    plain_shop.ingest()
    assert [end.rows for end in ends] == [2, 2, 2]


def test_too_many_bad_rows_refuse_a_delivery_and_leave_none_of_the_good(
    both_ways: Ways, plain_shop: Shop
) -> None:
    declare(plain_shop, quarantine_limit_pct=5)
    assert not both_ways(HEAD + line() * 90 + line(price="x") * 10)
    assert plain_shop.query("select count(*) from raw.sales") == [(0,)]


ERASED = (
    ("id", "C7"),
    ("id", "12345678"),
    ("id", "é"),
    ("phone", "+31612345678"),
    ("phone", "0612345678"),
    ("email", "quincy@example.org"),
)


@pytest.fixture
def erased(plain_shop: Shop) -> Iterator[None]:
    """People who were erased stay out."""
    for kind, word in ERASED:
        plain_shop.execute(
            f"insert into decisions.suppressions select '{kind}', encode(sha256("
            "(select key from decisions.suppression_key)"
            f" || convert_to('{kind}|{word}', 'UTF8')), 'hex'), date '2026-01-01'"
        )
    yield
    plain_shop.execute("truncate decisions.suppressions")


@pytest.mark.usefixtures("erased")
@pytest.mark.parametrize("seed", range(2))
def test_rows_of_erased_people_stay_out_either_way(
    both_ways: Ways, plain_shop: Shop, seed: int
) -> None:
    rng = random.Random(seed)
    owners = ["C7", "12345678", "é", "", "C9", *["C8"] * 7]
    numbers = [EXTRA["tel"], "0612345678", "", "", "0699"]
    rows = [line(who=rng.choice(owners), tel=rng.choice(numbers)) for _ in range(1000)]
    assert both_ways(HEAD + "".join([*rows, *(mutated(rng) for _ in range(200))]))
    (loaded,) = plain_shop.query("select rows_erased > 0, rows_loaded > 0 from raw.deliveries")
    assert loaded == (True, True)
    assert not {"C7", "12345678", "é"} & {who for (who,) in plain_shop.query(WHO)}


@pytest.mark.usefixtures("erased")
def test_who_is_named_by_an_address_alone_is_looked_for_by_the_checks(
    both_ways: Ways, plain_shop: Shop
) -> None:
    head, rows = HEAD.replace("who,", ""), line(tel="").replace(",C7,", ",")
    assert not both_ways(head + rows * 3)
    assert both_ways(HEAD + line(who="C8") * 3 + line(who="", tel="0612345678"))
    assert plain_shop.query(WHO) == [("C8",)] * 3


@pytest.mark.usefixtures("erased")
def test_a_no_in_any_spelling_is_looked_for_by_the_checks(
    both_ways: Ways, plain_shop: Shop
) -> None:
    declare(plain_shop, forbids=True, guards=["sales"])
    assert not both_ways(HEAD + line(who="C8") * 3 + line(who="Quincy@example.org "))
    assert plain_shop.query(WHO) == [("C8",)] * 3
