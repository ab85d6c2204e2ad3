"""Real nights whose lists are answered: what they sent comes back the next day and is used."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from regulars import warehouse
from regulars.feeds import raw_tables
from regulars.nights.run import run_night
from regulars.sample_company import generate
from regulars.sample_company.loop import next_day
from regulars.settings import Settings
from tests.conftest import drop_database

FIRST = date(2026, 10, 14)
NIGHTS = [FIRST + timedelta(days=n) for n in range(2)]


@dataclass
class Replay:
    """A company after its nights: whom each night's marketing files named, by list."""

    settings: Settings
    sent: dict[date, dict[str, set[str]]] = field(default_factory=dict)

    def rows(self, query: str, *values: object) -> list[tuple]:
        with warehouse.connect(self.settings, "admin") as connection:
            return connection.execute(query.encode(), values).fetchall()


@pytest.fixture(scope="module")
def replay(make_settings) -> Iterator[Replay]:
    settings = make_settings("closed_loop")
    landing, truth = settings.landing, settings.home / "truth"
    generate(
        landing,
        truth,
        customers=600,
        seed=11,
        first_night=FIRST - timedelta(days=400),
        last_night=FIRST,
        ahead=len(NIGHTS),
    )
    raw_tables.migrate(settings)
    done = Replay(settings)
    for night in NIGHTS:
        run_night(settings, night)
        lists = settings.home / "current" / "lists"
        done.sent[night] = {
            name: people(lists / f"{name}.csv") for name in ("second_purchase", "save_our_best")
        }
        assert next_day(landing, truth, lists)["delivered"] == [str(night + timedelta(days=1))]
    yield done
    drop_database(settings)


def people(path) -> set[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["customer_id"] for row in csv.DictReader(file)}


@pytest.mark.slow
def test_contacts_of_a_night_are_what_the_next_night_knows(replay: Replay) -> None:
    for night in NIGHTS[:-1]:
        for list_code, named in replay.sent[night].items():
            known = replay.rows(
                "select customer_id, sent_on from marts.fct_campaign_contacts"
                " where list_code = %s and sent_on = %s",
                list_code,
                night + timedelta(days=1),
            )
            assert {who for who, _ in known} == named
            assert len(known) == len(named)
    assert len(replay.sent[FIRST]["second_purchase"]) > 20


@pytest.mark.slow
def test_whoever_was_contacted_is_left_alone_on_the_following_nights(replay: Replay) -> None:
    first = set().union(*replay.sent[FIRST].values())
    for night in NIGHTS[1:]:
        assert not first & set().union(*replay.sent[night].values())
    said = replay.rows(
        "select reason_code, count(*) from published.list_exclusions"
        " where customer_id = any(%s) and list_code = 'second_purchase' group by reason_code",
        sorted(first),
    )
    assert dict(said)["contacted_recently"] > len(first) / 2


@pytest.mark.slow
def test_nobody_held_out_was_contacted(replay: Replay) -> None:
    held = replay.rows("select customer_id from published.list_members where arm = 'hold'")
    contacts = replay.rows(
        "select customer_id from marts.fct_campaign_contacts where list_code = any(%s)",
        ["second_purchase", "save_our_best"],
    )
    assert held
    assert contacts
    assert not set(held) & set(contacts)


@pytest.mark.slow
def test_the_answer_loads_without_a_refused_row_or_file(replay: Replay) -> None:
    ledger = replay.rows(
        "select feed, status, rows_quarantined from raw.deliveries where delivered_on > %s", FIRST
    )
    assert {feed for feed, *_ in ledger} >= {"campaign_contacts", "consents", "orders", "loyalty"}
    assert {status for _, status, _ in ledger} <= {"loaded", "redelivered"}
    assert sum(rows for *_, rows in ledger) == 0
