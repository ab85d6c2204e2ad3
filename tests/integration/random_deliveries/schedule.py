"""Some nights of a company whose deliveries go wrong at random, and what each published."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from regulars import warehouse
from regulars.gates.check import GateFailed
from regulars.nights.run import run_night
from regulars.sample_company.loop import next_day
from regulars.settings import Settings
from tests import company
from tests.integration.random_deliveries.mishaps import Mishap, damaged, draw
from tests.integration.random_deliveries.oracle import Oracle
from tests.integration.random_deliveries.planted import plant

DAILY = ("customers", "orders", "order_lines", "refunds", "cases", "surveys", "consents",
         "campaign_contacts")  # fmt: skip
WHEN_NEEDED = ("deaths", "erasure_requests", "identities")
MARKETING = ("second_purchase", "save_our_best")  # both claim that somebody has not bought
CHANNEL = {"second_purchase": "email", "save_our_best": "email"}


@dataclass
class Told:
    """What one night did. people: by marketing list, if it published."""

    night: date
    is_published: bool
    people: dict[str, set[str]]
    words: str  # what the night said: what it held back, or why it stopped
    stale: set[str]  # feeds that it says are not in
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
    mishaps: list[Mishap] = field(default_factory=list)

    def run(self) -> list[Told]:
        self.random = Random(self.seed)
        live_on(self.complete, self.settings.home / "current" / "lists", self.nights[-1])
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
        words, is_published = self._run(night)
        stale = self._stale() if is_published else set()
        people = self._people() if is_published else {}
        return Told(
            night, is_published, people, words, stale, self._lacking(night), self._forbidden(night)
        )

    def _run(self, night: date) -> tuple[str, bool]:
        try:
            results = run_night(self.settings, night)
        except GateFailed as stop:
            return str(stop), False
        return "; ".join(results["gate_lists"]["held"]), True

    def _stale(self) -> set[str]:
        with warehouse.connect(self.settings, "analyst") as connection:
            rows = connection.execute("select feed from published.feed_states where is_stale")
            return {feed for (feed,) in rows}

    def _delivered_on(self, night: date) -> list[str]:
        files = (self.house / night.isoformat()).glob("*.csv")
        return sorted({file.stem for file in files} & {*DAILY, *WHEN_NEEDED})

    def _deliver(self, feed: str, night: date) -> None:
        mishap = next((m for m in self.mishaps if (m.feed, m.day) == (feed, night)), None)
        content = (self.house / night.isoformat() / f"{feed}.csv").read_bytes()
        target = self.settings.landing / "house" / night.isoformat()
        target.mkdir(parents=True, exist_ok=True)
        if mishap is None:
            (target / f"{feed}.csv").write_bytes(content)
        elif mishap.has_come:
            parts = damaged(
                self.random, mishap.kind, content, always_has_rows=self._always_has_rows(feed)
            )
            for ending, part in parts:
                (target / f"{feed}.csv{ending}").write_bytes(part)

    def _heal(self, mishap: Mishap) -> None:
        day = mishap.day.isoformat()
        name = f"{mishap.feed}.r1.csv" if mishap.has_come else f"{mishap.feed}.csv"
        shutil.copy(
            self.house / day / f"{mishap.feed}.csv", self.settings.landing / "house" / day / name
        )

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

    def _people(self) -> dict[str, set[str]]:
        return {name: set(people) for name, people in self._listed().items()}

    def _listed(self) -> dict[str, list[str]]:
        lists = self.settings.home / "current" / "lists"
        return {name: _customers(lists / f"{name}.csv") for name in MARKETING}


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


def of(seed: int, nights: int, after: Settings, home: Path) -> Schedule:
    """A schedule over the nights after the tests' company's last one."""
    copy = company.clone(after, "random_deliveries", home / "home")
    landing = home / "landing"
    shutil.copytree(after.landing, landing, symlinks=True)
    days = [company.LAST_NIGHT + timedelta(days=n) for n in range(1, nights + 1)]
    return Schedule(replace(copy, landing=landing, settle_seconds=0), home / "complete", seed, days)
