"""Some nights of a company whose deliveries go wrong at random, and what each published."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from regulars.feeds import declarations
from regulars.sample_company.loop import next_day
from regulars.settings import Settings
from tests import company, parsed
from tests.integration.random_deliveries.mishaps import Mishap, damaged, draw, whole
from tests.integration.random_deliveries.nights import Outcome
from tests.integration.random_deliveries.oracle import Oracle
from tests.integration.random_deliveries.planted import plant

DAILY = ("customers", "orders", "order_lines", "refunds", "cases", "surveys", "consents",
         "campaign_contacts")  # fmt: skip
WHEN_NEEDED = ("deaths", "erasure_requests", "identities")
MARKETING = ("second_purchase", "save_our_best")  # both claim that somebody has not bought
CHANNEL = {"second_purchase": "email", "save_our_best": "email"}


@dataclass
class Told:
    """What one night did. people: by marketing list."""

    night: date
    people: dict[str, set[str]]
    outcome: Outcome
    lacking: set[str]  # feeds that were not in, by the schedule
    forbidden: dict[str, set[str]]

    @property
    def wronged(self) -> dict[str, list[str]]:
        found = {name: sorted(who & self.forbidden[name]) for name, who in self.people.items()}
        return {name: who for name, who in found.items() if who}


@dataclass
class Schedule:
    """A company in a folder of its own, its whole deliveries beside those that arrive."""

    settings: Settings
    complete: Path
    seed: int
    nights: list[date]
    run_night: Callable[[Settings, date], Outcome]
    mishaps: list[Mishap] = field(default_factory=list)

    def run(self) -> list[Told]:
        self.random = Random(self.seed)
        self.guarding = guarding_columns(self.settings)
        self.lists = self.settings.home / "current" / "lists"
        live_on(self.complete, self.lists, self.nights[-1])
        return [self._night(night) for night in self.nights]

    @property
    def house(self) -> Path:
        return self.complete / "landing" / "house"

    def _night(self, night: date) -> Told:
        plant(self.random, self.house, night, self._listed())
        there = {night: self._delivered_on(night)}
        self.mishaps += draw(self.random, [night], there)
        for feed in there[night]:
            self._deliver(feed, night)
        for mishap in self.mishaps:
            if mishap.healed_on == night:
                self._heal(mishap)
        outcome = self.run_night(self.settings, night)
        self.lists = outcome.lists
        people = {name: set(people) for name, people in self._listed().items()}
        return Told(night, people, outcome, self._lacking(night), self._forbidden(night))

    def _delivered_on(self, night: date) -> list[str]:
        files = (self.house / night.isoformat()).glob("*.csv")
        return sorted({file.stem for file in files} & {*DAILY, *WHEN_NEEDED})

    def _deliver(self, feed: str, night: date) -> None:
        mishap = next((m for m in self.mishaps if (m.feed, m.day) == (feed, night)), None)
        content = (self.house / night.isoformat() / f"{feed}.csv").read_bytes()
        target = self.settings.landing / "house" / night.isoformat()
        target.mkdir(parents=True, exist_ok=True)
        if mishap is None:
            _put(target / f"{feed}.csv", whole(content))
        elif mishap.has_come:
            always_has_rows = self._always_has_rows(feed)
            parts = damaged(
                self.random,
                mishap.kind,
                content,
                self.guarding[feed],
                always_has_rows=always_has_rows,
            )
            _put(target / f"{feed}.csv", parts)

    def _heal(self, mishap: Mishap) -> None:
        day = mishap.day.isoformat()
        name = f"{mishap.feed}.r1.csv" if mishap.has_come else f"{mishap.feed}.csv"
        content = (self.house / day / f"{mishap.feed}.csv").read_bytes()
        _put(self.settings.landing / "house" / day / name, whole(content))

    def _always_has_rows(self, feed: str) -> bool:
        """On each of the eight weeks before the schedule."""
        before = [self.nights[0] - timedelta(days=n) for n in range(1, 57)]
        files = [self.house / day.isoformat() / f"{feed}.csv" for day in before]
        return all(file.exists() and file.read_bytes().count(b"\n") > 1 for file in files)

    def _lacking(self, night: date) -> set[str]:
        """What comes only when needed is missed only when a file of it came that nobody can use."""
        return {
            mishap.feed
            for mishap in self.mishaps
            if mishap.is_felt_on(night) and (mishap.feed in DAILY or mishap.has_come)
        }

    def _forbidden(self, night: date) -> dict[str, set[str]]:
        not_expected = {
            (mishap.feed, mishap.day)
            for mishap in self.mishaps
            if mishap.feed in WHEN_NEEDED and not mishap.has_come and mishap.is_felt_on(night)
        }
        oracle = Oracle(self.house, night, lambda feed, day: (feed, day) not in not_expected)
        bought = oracle.bought_since(self.nights[0])
        return {name: oracle.said_no(CHANNEL[name]) | bought for name in MARKETING}

    def _listed(self) -> dict[str, list[str]]:
        return {name: _customers(self.lists / f"{name}.csv") for name in MARKETING}


def _put(file: Path, parts: Iterable[tuple[str, bytes]]) -> None:
    for ending, content in parts:
        file.with_name(file.name + ending).write_bytes(content)


def guarding_columns(settings: Settings) -> dict[str, set[str]]:
    """Feed -> columns without which its file is refused."""
    return {
        feed.name: {c.header for c in feed.columns if c.required or c.is_header_required}
        for feed in declarations.load(settings.dbt_project, settings.systems)
    }


def _customers(file: Path) -> list[str]:
    """Nobody, where the list is withheld and has no file."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return [row["customer_id"] for row in csv.DictReader(lines)]


def live_on(complete: Path, lists: Path, until: date) -> None:
    """The tests' company, and its days up to `until` in which nobody was contacted."""
    company.write_deliveries(
        complete / "landing", ahead=(until - company.LAST_NIGHT).days, newcomers_ahead=False
    )
    silence = complete / "lists"
    shutil.copytree(lists, silence)
    manifest = json.loads((silence / "manifest.json").read_text())
    manifest["as_of"] = (until - timedelta(days=1)).isoformat()
    for entry in manifest["lists"]:
        file = silence / entry["file"]["name"]
        file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])
        entry["file"]["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    (silence / "manifest.json").write_text(json.dumps(manifest))
    next_day(complete / "landing", complete / "truth", silence)


def of(
    seed: int,
    nights: int,
    after: Settings,
    home: Path,
    run_night: Callable[[Settings, date], Outcome],
) -> Schedule:
    """A schedule over the nights after the tests' company's last one."""
    copy = company.clone(after, parsed.COPY, home / "home")
    landing = home / "landing"
    shutil.copytree(after.landing, landing, symlinks=True)
    days = [company.LAST_NIGHT + timedelta(days=n) for n in range(1, nights + 1)]
    settings = replace(copy, landing=landing, settle_seconds=0)
    return Schedule(settings, home / "complete", seed, days, run_night)
