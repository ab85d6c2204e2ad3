"""Which feeds are in, night by night, on hand-made ledgers of the house format."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from regulars.engines.postgres import run_dbt
from regulars.feeds import raw_tables
from regulars.night import Night
from regulars.settings import Settings
from tests.conftest import drop_database
from tests.dbt.delivered_world import World, death, open_world

DAILY = (
    "customers",
    "orders",
    "order_lines",
    "refunds",
    "cases",
    "surveys",
    "consents",
    "campaign_contacts",
)
FIRST = date(2026, 3, 2)  # a Monday
TONIGHT = date(2026, 3, 8)
TOMORROW = TONIGHT + timedelta(days=1)
APPROVED = date.max  # tonight once more, after a person's word
SETTLED = date.min  # tomorrow once more, after another file
WEEKS_LATER = TONIGHT + timedelta(days=40)
Row = dict[str, object]
Nights = dict[date, dict[str, Row]]


class Ledger:
    """Empty files of every daily feed, day after day, but for what a test leaves out."""

    def __init__(self, world: World) -> None:
        self.world = world

    def days(self, first: date, last: date, but: Collection[tuple[str, date]] = ()) -> None:
        for day in range((last - first).days + 1):
            on = first + timedelta(days=day)
            for feed in DAILY:
                if (feed, on) not in but:
                    self.world.deliver(on.isoformat(), feed, [])

    def files(
        self,
        feed: str,
        on: date,
        rows: int,
        revision: int = 0,
        *,
        may_be_cut: bool = False,
        has_row_count: bool = False,
        content_of: date | None = None,
    ) -> None:
        """A file with so many rows, as the ledger knows it; that of another day once more."""
        path, sha256 = f"{on}/{feed}.csv", f"{content_of or on} {rows}"
        self.world.connection.execute(
            """
            insert into raw.deliveries
                (feed, delivered_on, revision, sha256, path, size, modified_at, status,
                 rows_in, rows_loaded, may_be_cut, has_row_count)
            values (%s, %s, %s, %s, %s, 1, now(), 'loaded', %s, %s, %s, %s)
            """,
            [feed, on, revision, sha256, path, rows, rows, may_be_cut, has_row_count],
        )

    def refuse(self, feed: str, on: date, revision: int = 0) -> None:
        self.world.connection.execute(
            """
            insert into raw.deliveries
                (feed, delivered_on, revision, sha256, path, size, modified_at, status, reason)
            values (%s, %s, %s, 'x', %s, 1, now(), 'refused', 'because')
            """,
            [feed, on, revision, f"{on}/{feed}.r{revision}.csv"],
        )


def build(settings: Settings, as_of: date) -> None:
    """The model alone, with what it reads."""
    selection = ["--select", "+feed_states", "--resource-type", "model"]
    run_dbt(settings, Night(as_of), selection, "the states of feeds")


@pytest.fixture(scope="module")
def nights(make_settings: Callable) -> Iterator[Nights]:
    """night -> feed -> its row. A week in which every feed has a story of its own."""
    settings = replace(make_settings("feed_states"), feeds_off=("surveys",))
    raw_tables.migrate(settings)
    with open_world(settings) as connection:
        ledger = Ledger(World(settings, connection))
        a_week(ledger)
        seen = {as_of: states(ledger, as_of) for as_of in (ago(1), TONIGHT)}
        approve(ledger, seen[TONIGHT]["orders"])
        approve(ledger, seen[TONIGHT]["deaths"])
        ledger.refuse("deaths", ago(1), revision=9)
        seen[APPROVED] = states(ledger, TONIGHT)
        seen[TOMORROW] = states(ledger, TOMORROW)
        yield seen
    drop_database(settings)


def a_week(ledger: Ledger) -> None:
    never = {(feed, ago(n)) for feed in ("surveys", "consents") for n in range(7)}
    gaps = {("orders", TONIGHT), ("campaign_contacts", ago(2)), ("refunds", ago(2))}
    ledger.days(FIRST, TONIGHT, but=never | gaps)
    ledger.world.deliver(ago(2).isoformat(), "refunds", [])  # late, and of its own day
    ledger.refuse("surveys", TONIGHT)
    ledger.refuse("deaths", ago(1))
    ledger.world.deliver(TONIGHT.isoformat(), "deaths", [death("a", "2026-03-08")])
    ledger.refuse("order_lines", ago(1), revision=1)  # a correction of a good file
    ledger.refuse("cases", ago(3))
    ledger.world.deliver(ago(3).isoformat(), "cases", [], revision=1)
    ledger.refuse("customers", TONIGHT, revision=1)
    ledger.world.deliver(TONIGHT.isoformat(), "customers", [], revision=2)


def states(ledger: Ledger, as_of: date) -> dict[str, Row]:
    build(ledger.world.settings, as_of)
    rows = ledger.world.connection.execute("select row_to_json(s) from marts.feed_states as s")
    return {row["feed"]: row for (row,) in rows}


def approve(ledger: Ledger, row: Row, as_of: date = TONIGHT) -> None:
    ledger.world.connection.execute(
        "insert into decisions.approvals values (%s, 'guards', %s, 'Joan', 'the shop was shut')",
        [as_of, row["state"]],
    )


def ago(days: int) -> date:
    return TONIGHT - timedelta(days=days)


def stale(night: dict[str, Row]) -> dict[str, str]:
    return {feed: str(row["words"]) for feed, row in night.items() if row["is_stale"]}


def test_what_is_missing_or_refused_is_named_with_its_first_day(nights: Nights) -> None:
    assert stale(nights[TONIGHT]) == {
        "orders": f"orders is missing since {TONIGHT}",
        "consents": f"consents is missing since {FIRST}",
        "campaign_contacts": f"campaign_contacts is missing since {ago(2)}",
        "order_lines": f"order_lines has 1 refused file of {ago(1)}",
        "deaths": f"deaths has 1 refused file of {ago(1)}",
    }


def test_a_header_alone_is_a_delivery_and_a_late_file_closes_its_day(nights: Nights) -> None:
    assert not nights[TONIGHT]["refunds"]["is_stale"]


def test_a_later_revision_corrects_a_refused_file(nights: Nights) -> None:
    assert not nights[TONIGHT]["cases"]["is_stale"]
    assert not nights[TONIGHT]["customers"]["is_stale"]


def test_a_feed_that_is_switched_off_is_never_stale(nights: Nights) -> None:
    assert not nights[TONIGHT]["surveys"]["is_switched_on"]
    assert "surveys" not in stale(nights[TONIGHT])


def test_a_feed_that_comes_on_change_may_stay_away(nights: Nights) -> None:
    assert nights[TONIGHT]["products"]["last_delivered_on"] is None
    assert not nights[TONIGHT]["products"]["is_stale"]


def test_an_earlier_night_does_not_know_what_came_after_it(nights: Nights) -> None:
    assert "orders" not in stale(nights[ago(1)])
    assert {"consents", "campaign_contacts", "deaths"} <= stale(nights[ago(1)]).keys()


def test_a_persons_word_holds_for_one_night_and_for_what_was_missing_then(nights: Nights) -> None:
    approved = nights[APPROVED]
    assert approved["orders"]["is_approved"]
    assert not approved["orders"]["is_withholding"]
    assert approved["deaths"]["is_withholding"]  # another file was refused since
    assert nights[TOMORROW]["orders"]["is_withholding"]


def test_every_guard_of_a_feed_is_its_declared_one(nights: Nights) -> None:
    row = nights[TONIGHT]["deaths"]
    assert row["guards_farewells"]
    assert row["guards_permission"]
    assert not row["guards_sales"]
    assert nights[TONIGHT]["orders"]["guards_sales"]
    assert nights[TONIGHT]["cases"]["guards_service"]


# ---------- what came, and is doubted


@pytest.fixture(scope="module")
def odd_nights(make_world: Callable) -> Iterator[Nights]:
    """Feeds with rows every day for eight weeks, and what came in the ninth; on TOMORROW, a
    Monday like others with many rows, what files of fewer rows are taken for."""
    settings = make_world("odd_files")
    with open_world(settings) as connection:
        ledger = Ledger(World(settings, connection))
        eight_weeks_and_one_night(ledger)
        seen = {TONIGHT: states(ledger, TONIGHT)}
        ledger.files("consents", TONIGHT, rows=0, revision=1)
        ledger.files("customers", TONIGHT, rows=4, revision=1)
        seen[APPROVED] = states(ledger, TONIGHT)
        a_monday_of_fewer_rows(ledger)
        approve(ledger, states(ledger, TOMORROW)["orders"], TOMORROW)
        seen[TOMORROW] = states(ledger, TOMORROW)
        ledger.files("orders", TOMORROW, rows=98, revision=1)
        seen[SETTLED] = states(ledger, TOMORROW)
        weeks_of_headers_alone(ledger)
        seen[WEEKS_LATER] = states(ledger, WEEKS_LATER)
        yield seen
    drop_database(settings)


def eight_weeks_and_one_night(ledger: Ledger) -> None:
    """orders: rows on every day but Sundays, which TONIGHT is. surveys: now and then."""
    for day in (ago(n) for n in range(56, 0, -1)):
        is_busy = dict.fromkeys(DAILY, True)
        is_busy["orders"] = day.isoweekday() < 7
        is_busy["surveys"] = day.day % 3 == 0
        for feed in DAILY:
            rows = usual_rows(feed, day) if day.isoweekday() == 1 else 3 * is_busy[feed]
            ledger.files(feed, day, rows, may_be_cut=(feed, day) == ("order_lines", ago(3)))
        if day.day == 1:
            ledger.files("deaths", day, rows=1)
    ledger.files("cases", ago(30), rows=0, revision=1)
    for n in (25, 11):
        ledger.files("deaths", ago(n), rows=1)
    for feed in ("orders", "surveys", "consents", "deaths", "cases"):
        ledger.files(feed, TONIGHT, rows=0)
    ledger.files("customers", TONIGHT, rows=2, may_be_cut=True)
    ledger.files("order_lines", TONIGHT, rows=2, may_be_cut=True)
    for feed in ("refunds", "campaign_contacts"):
        ledger.files(feed, TONIGHT, rows=1)


def usual_rows(feed: str, monday: date) -> int:
    """Some more, some less; refunds are few, of cases half came once before."""
    if feed == "cases" and monday == ago(20):
        return 45
    return (20 if feed == "refunds" else 100) - monday.day % 5


def a_monday_of_fewer_rows(ledger: Ledger) -> None:
    fewer = {"orders": 49, "surveys": 55, "customers": 75, "cases": 48, "campaign_contacts": 4}
    for feed in ("orders", "surveys", "customers", "cases", "campaign_contacts"):
        ledger.files(feed, TOMORROW, fewer[feed])
    ledger.files("order_lines", TOMORROW, 49, has_row_count=True)
    ledger.files("consents", TOMORROW, 0, has_row_count=True)
    ledger.files("refunds", TOMORROW, 9)


def weeks_of_headers_alone(ledger: Ledger) -> None:
    """The weeks after TOMORROW. The first night is published after 30 days: surveys and consents
    have been empty for long then, and only what comes later can be in doubt."""
    for n in range(2, 41):
        ledger.files("surveys", later(n), 3 * (n % 3 == 0 and n < 16))
        ledger.files("consents", later(n), 3 * (n < 11))
        ledger.files("campaign_contacts", later(n), 3 * (n < 39))
        ledger.files("customers", later(n), 3, may_be_cut=n == 33)
        for feed in ("order_lines", "refunds"):
            repeats = 7 if (feed, n) in STUCK else 0
            rows = usual_rows(feed, later(n - repeats)) if later(n).isoweekday() == 1 else 3
            ledger.files(feed, later(n), rows, has_row_count=n == 35, content_of=later(n - repeats))
    for n, rows in ((31, 2), (32, 0), (34, 1), (36, 0), (37, 0), (38, 0), (39, 0)):
        ledger.files("deaths", later(n), rows, has_row_count=n == 32)
    for generation, (n, people) in enumerate([(30, []), (37, ["a"]), (38, []), (39, ["a"])]):
        publish(ledger, generation, later(n), people)


# The sender of refunds has been stuck before.
STUCK = {("order_lines", 35), ("refunds", 20), ("refunds", 37)}


def later(days: int) -> date:
    return TONIGHT + timedelta(days=days)


def publish(ledger: Ledger, generation: int, on: date, people: list[str]) -> None:
    """A night whose marketing lists hold these people."""
    run = ledger.world.connection.execute
    run(
        "insert into decisions.publications (generation, as_of, run_id, input_digest,"
        " last_delivery_id, files_digest, library_versions)"
        " values (%s, %s, 'r', 'd', 0, 'f', '{}')",
        [generation, on],
    )
    for who in people:
        run(
            "insert into decisions.list_members (generation, as_of, list_code, customer_id,"
            " rank, arm) values (%s, %s, 'second_purchase', %s, 1, 'treat')",
            [generation, on, who],
        )


def test_a_file_with_half_its_usual_rows_is_not_taken_for_whole(odd_nights: Nights) -> None:
    tomorrow = odd_nights[TOMORROW]
    for feed in ("orders", "surveys"):
        assert tomorrow[feed]["doubted_on"] == TOMORROW.isoformat()
    assert "far fewer rows than usual" in str(tomorrow["orders"]["words"])


def test_fewer_rows_are_believed_where_chance_or_an_earlier_week_explains_them(
    odd_nights: Nights,
) -> None:
    for feed in ("customers", "cases", "refunds"):
        assert odd_nights[TOMORROW][feed]["doubted_on"] is None


def test_rows_that_a_manifest_counts_are_believed(odd_nights: Nights) -> None:
    assert not odd_nights[TOMORROW]["order_lines"]["is_stale"]
    assert not odd_nights[TOMORROW]["consents"]["is_stale"]


def test_the_file_of_an_earlier_day_once_more_is_no_news(odd_nights: Nights) -> None:
    """Also where a manifest counts its rows."""
    order_lines = odd_nights[WEEKS_LATER]["order_lines"]
    assert order_lines["doubted_on"] == later(35).isoformat()
    assert "an earlier file again" in str(order_lines["words"])


def test_a_feed_that_repeats_itself_now_and_then_is_believed(odd_nights: Nights) -> None:
    assert odd_nights[WEEKS_LATER]["refunds"]["doubted_on"] is None


def test_a_feed_that_may_shrink_is_never_doubted_for_it(odd_nights: Nights) -> None:
    """Few contacts follow few lists: to doubt them would withhold the next ones."""
    assert not odd_nights[TOMORROW]["campaign_contacts"]["is_stale"]


def test_a_persons_word_on_a_doubted_file_and_another_file_of_that_day_settle_it(
    odd_nights: Nights,
) -> None:
    assert odd_nights[TOMORROW]["orders"]["is_approved"]
    assert not odd_nights[SETTLED]["orders"]["is_stale"]


def test_a_header_alone_where_every_day_has_rows_is_not_believed(odd_nights: Nights) -> None:
    tonight = odd_nights[TONIGHT]
    for feed in ("consents", "cases", "deaths"):
        assert "is in doubt since" in str(tonight[feed]["words"])
        assert tonight[feed]["is_withholding"]


def test_a_header_alone_is_believed_where_empty_days_occur(odd_nights: Nights) -> None:
    assert not odd_nights[TONIGHT]["orders"]["is_stale"]  # none on Sundays
    assert not odd_nights[TONIGHT]["surveys"]["is_stale"]


def test_no_header_alone_vouches_for_the_next(odd_nights: Nights) -> None:
    """Judged are those since the first published night; the feed was empty for weeks by then."""
    assert odd_nights[WEEKS_LATER]["consents"]["doubted_on"] == later(31).isoformat()


def test_more_headers_alone_in_a_row_than_ever_are_not_believed(odd_nights: Nights) -> None:
    assert odd_nights[WEEKS_LATER]["surveys"]["doubted_on"] == later(31).isoformat()
    assert odd_nights[WEEKS_LATER]["deaths"]["doubted_on"] == later(39).isoformat()


def test_a_header_alone_is_believed_where_nothing_was_sent_that_it_could_follow(
    odd_nights: Nights,
) -> None:
    """Or a withheld list would be the reason to withhold the next."""
    assert odd_nights[WEEKS_LATER]["campaign_contacts"]["doubted_on"] == later(40).isoformat()


def test_a_whole_file_that_settles_a_cut_one_is_no_excuse_for_the_next(odd_nights: Nights) -> None:
    assert odd_nights[WEEKS_LATER]["customers"]["doubted_on"] == later(33).isoformat()


def test_a_missing_last_line_end_is_doubted_unless_the_sender_never_writes_one(
    odd_nights: Nights,
) -> None:
    assert odd_nights[TONIGHT]["customers"]["doubted_on"] == TONIGHT.isoformat()
    assert not odd_nights[TONIGHT]["order_lines"]["is_stale"]


def test_another_file_of_that_day_settles_it_if_only_its_header(odd_nights: Nights) -> None:
    assert not odd_nights[APPROVED]["consents"]["is_stale"]
    assert not odd_nights[APPROVED]["customers"]["is_stale"]
    assert odd_nights[APPROVED]["cases"]["is_stale"]
