"""Who was written to last night says no, each in another bad shape: nobody is written to again.

The road is the real one: delivered files, the loader, the lists, their files. Everybody here stood
in a marketing file of the same night before they said it.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

import pytest

from regulars.lists.export import write_files
from regulars.night import Night
from regulars.nights.run import run_step
from regulars.project import list_definitions
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.integration.random_deliveries.nights import DECISIVE, without_dbt_tests
from tests.server import drop_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

MORNING, NOON = f"{LAST_NIGHT}T08:00:00Z", f"{LAST_NIGHT}T12:00:00Z"
HEADERS = {
    "consents": "customer_id,channel,purpose,changed_at,is_granted",
    "campaign_contacts": "contact_id,list_code,customer_id,channel,sent_at,outcome",
    "deaths": "customer_id,died_on,is_withdrawn,reported_at",
    "erasure_requests": "request_id,customer_id,is_withdrawn,requested_at",
}
Lines = list[tuple[str, list[str]]]  # (feed, cells)


@dataclass(frozen=True)
class Person:
    """Somebody in a marketing file, and the address that they were to be reached at."""

    customer_id: str
    email: str
    channel: str


def consent(who: str, channel: str, word: str, at: str = MORNING) -> tuple[str, list[str]]:
    return "consents", [who, channel, "marketing", at, word]


def contact(
    who: str, channel: str, outcome: str, at: str = MORNING, number: str = ""
) -> tuple[str, list[str]]:
    number = number or f"no-{outcome}-{who}"
    return "campaign_contacts", [number, "second_purchase", who, channel, at, outcome]


def death(who: str, word: str = "false", at: str = MORNING) -> tuple[str, list[str]]:
    return "deaths", [who, "2026-10-01", word, at]


def erasure(who: str, word: str = "false", at: str = MORNING) -> tuple[str, list[str]]:
    return "erasure_requests", [f"r-{who}-{word}", who, word, at]


KINDS: dict[str, Callable[[str, str], tuple[str, list[str]]]] = {
    "withdrawal": lambda who, channel: consent(who, channel, "false"),
    "unsubscribe": lambda who, channel: contact(who, channel, "unsubscribed"),
    "complaint": lambda who, channel: contact(who, channel, "complained"),
    "death": lambda who, _: death(who),
    "erasure": lambda who, _: erasure(who),
}
GONE = ("death", "erasure")
SPELLINGS: dict[str, Callable[[Person], str]] = {
    "exact": lambda p: p.customer_id,
    "lower case": lambda p: p.customer_id.lower(),
    "spaces": lambda p: f" {p.customer_id[:1]} {p.customer_id[1:]} ",
    "no leading zeros": lambda p: p.customer_id[0] + p.customer_id[1:].lstrip("0"),
    "punctuation": lambda p: f"{p.customer_id[0]}-{p.customer_id[1:]}/",
    "look-alike letter": lambda p: p.customer_id.replace("C", "\u0421"),
    "full width": lambda p: "".join(chr(ord(c) + 0xFEE0) for c in p.customer_id),
    "e-mail address": lambda p: p.email.upper(),
}


def unreadable(kind: str, person: Person) -> tuple[str, list[str]]:
    """The same with a time that no calendar has: the row goes to quarantine."""
    feed, cells = KINDS[kind](SPELLINGS["lower case"](person), person.channel)
    return feed, ["2026-02-31T08:00:00Z" if cell == MORNING else cell for cell in cells]


def one_instant(person: Person, *words: str) -> Lines:
    return [consent(person.customer_id, person.channel, word) for word in words]


def later_status(person: Person, no: str, later: str) -> Lines:
    who, number = person.customer_id, f"later-{person.customer_id}"
    return [
        contact(who, person.channel, no, MORNING, number),
        contact(who, person.channel, later, NOON, number),
    ]


def shapes() -> Iterator[tuple[str, Callable[[Person], Lines]]]:
    """(what it is called, the lines of somebody who says it so)."""
    for kind, say in KINDS.items():
        for name, spelled in SPELLINGS.items():
            yield (
                f"{kind}: {name}",
                lambda p, say=say, spelled=spelled: [say(spelled(p), p.channel)],
            )
        yield f"{kind}: quarantined", lambda p, kind=kind: [unreadable(kind, p)]
    yield "withdrawal: and a yes at that instant", lambda p: one_instant(p, "false", "true")
    yield "withdrawal: at the instant of a yes", lambda p: one_instant(p, "true", "false")
    yield (
        "withdrawal: then a yes for another channel",
        lambda p: [
            consent(p.customer_id, p.channel, "false"),
            consent(p.customer_id, "post", "true", NOON),
        ],
    )
    yield "unsubscribe: then opened", lambda p: later_status(p, "unsubscribed", "opened")
    yield "complaint: then clicked", lambda p: later_status(p, "complained", "clicked")
    yield (
        "complaint: then a yes",
        lambda p: [
            contact(p.customer_id, p.channel, "complained"),
            consent(p.customer_id, p.channel, "true", NOON),
        ],
    )
    yield (
        "death: and not at that instant",
        lambda p: [death(p.customer_id, "true"), death(p.customer_id)],
    )
    yield (
        "erasure: another one taken back",
        lambda p: [erasure(p.customer_id), erasure(p.customer_id, "true", NOON)],
    )


SHAPES = dict(shapes())


@dataclass(frozen=True)
class After:
    """Who said what, and who stands in which file once it was said."""

    said: dict[str, Person]
    before: dict[str, set[str]]
    after: dict[str, set[str]]
    marketing: set[str]
    service: set[str]
    suppressions: set[str]
    unread_noes: dict[str, set[str]]  # after a second file of consents, and of contacts, is refused
    unread_farewells: dict[str, set[str]]  # after one of deaths, and of requests to be erased

    def still_written_to(self, shape: str) -> set[str]:
        """Files that they may not stand in, and do."""
        forbidden = set(self.after) if shape.startswith(GONE) else self.marketing
        who = self.said[shape].customer_id
        return {name for name in forbidden if who in self.after[name]}


@pytest.fixture(scope="module")
def after(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[After]:
    folder = tmp_path_factory.mktemp("noes")
    shutil.copytree(company.landing, folder / "landing")
    copy = clone(company, parsed.COPY, folder / "home")
    settings = replace(copy, landing=folder / "landing", settle_seconds=0)
    definitions = list_definitions.load(settings.dbt_project)
    channels = {d.list_code: d.channel for d in definitions if d.list_class == "marketing"}
    service, suppressions = (
        {d.list_code for d in definitions if d.list_class == name}
        for name in ("service", "suppression")
    )
    lists = company.home / "current" / "lists"
    people = _one_of_each_household(lists, channels)
    said = dict(zip(SHAPES, people, strict=False))
    assert len(said) == len(SHAPES) >= 40, "too few people are written to"
    _deliver(settings.landing, [line for name, who in said.items() for line in SHAPES[name](who)])
    heard = _night(settings, folder / "heard")
    _deliver_unreadable(settings.landing, "consents", "campaign_contacts")
    noes = _night(settings, folder / "noes")
    _deliver_unreadable(settings.landing, "deaths", "erasure_requests")
    farewells = _night(settings, folder / "farewells")
    yield After(said, _people(lists), heard, set(channels), service, suppressions, noes, farewells)
    drop_database(settings)


def _night(settings: Settings, folder: Path) -> dict[str, set[str]]:
    """The night once more, as far as it decides who is in a file -> who is."""
    with without_dbt_tests():
        for step in DECISIVE:
            run_step(step, LAST_NIGHT, settings)
    write_files(settings, Night(LAST_NIGHT), folder, "again")
    return _people(folder / "lists")


def _one_of_each_household(lists: Path, channels: dict[str, str]) -> list[Person]:
    """From every list in turn, so that each has somebody who says no."""
    found: dict[str, Person] = {}
    queues = [iter(list(_rows(lists / f"{code}.csv"))) for code in sorted(channels)]
    names = sorted(channels)
    alive = set(range(len(queues)))
    for place in cycle(range(len(queues))):
        if not alive:
            break
        row = next(queues[place], None)
        if row is None:
            alive.discard(place)
        elif row["household_id"] not in found and row["email"]:
            person = Person(row["customer_id"], row["email"], channels[names[place]])
            found[row["household_id"]] = person
    return list(found.values())


def _rows(file: Path) -> Iterator[dict[str, str]]:
    if file.exists():
        with file.open(encoding="utf-8", newline="") as stream:
            yield from csv.DictReader(stream)


def _people(lists: Path) -> dict[str, set[str]]:
    """Name of a list's file -> who is in it; files of targets are made of the same rows."""
    files = [file for file in lists.glob("*.csv") if not file.stem.endswith(".rejected")]
    return {file.stem: {row["customer_id"] for row in _rows(file)} for file in files}


def _deliver(landing: Path, lines: Lines) -> None:
    """Once more each file of that day, as a later revision, with these lines at its end."""
    folder = landing / "house" / LAST_NIGHT.isoformat()
    for feed, header in HEADERS.items():
        first = folder / f"{feed}.csv"
        text = first.read_text(encoding="utf-8") if first.exists() else f"{header}\n"
        names = text.split("\n", 1)[0].split(",")
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        for _, cells in (line for line in lines if line[0] == feed):
            values = dict(zip(header.split(","), cells, strict=True))
            writer.writerow([values.get(name, "") for name in names])
        (folder / f"{feed}.r1.csv").write_text(text + buffer.getvalue(), encoding="utf-8")


def _deliver_unreadable(landing: Path, *feeds: str) -> None:
    """A further file of that day whose header is another: it may have said anything."""
    for feed in feeds:
        file = landing / "house" / LAST_NIGHT.isoformat() / f"{feed}.r2.csv"
        file.write_text("who,what\nsomebody,no\n", encoding="utf-8")


@pytest.mark.parametrize("shape", SHAPES)
def test_whoever_said_no_is_written_to_no_more_in_whatever_shape_it_came(
    after: After, shape: str
) -> None:
    who = after.said[shape].customer_id
    assert any(who in after.before[name] for name in after.marketing), "they were in no file"
    assert after.still_written_to(shape) == set()


def test_whoever_said_nothing_is_written_to_as_before(after: After) -> None:
    said = {person.customer_id for person in after.said.values()}
    before = {who for name in after.marketing for who in after.before.get(name, ())} - said
    left = before - {who for name in after.marketing for who in after.after.get(name, ())}
    assert len(before) > 20
    assert left == set()


def test_a_refused_file_of_noes_withholds_marketing_and_service_goes_on(after: After) -> None:
    assert {name for name in after.marketing if after.unread_noes.get(name)} == set()
    served = {name: after.after[name] for name in after.service if after.after.get(name)}
    assert served
    assert {name: after.unread_noes.get(name) for name in served} == served


def test_a_refused_file_of_deaths_or_erasures_withholds_every_list_that_is_written_to(
    after: After,
) -> None:
    told = {name for name, people in after.unread_farewells.items() if people}
    assert told <= after.suppressions, "more than who is to be left alone"
