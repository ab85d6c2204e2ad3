"""Some nights of a company whose deliveries go wrong at random, and what each published."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from regulars.feeds import declarations
from regulars.project import list_definitions
from regulars.sample_company.loop import next_day
from regulars.settings import Settings
from tests import company, parsed
from tests.integration.random_deliveries.mishaps import Mishap, damaged, draw, whole
from tests.integration.random_deliveries.nights import Outcome, RunNight
from tests.integration.random_deliveries.oracle import Forbidden, Oracle
from tests.integration.random_deliveries.planted import Member, plant

DAILY = ("customers", "orders", "order_lines", "refunds", "cases", "surveys", "consents",
         "campaign_contacts")  # fmt: skip
WHEN_NEEDED = ("deaths", "erasure_requests", "identities")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass
class Told:
    """What one night did. people, addresses: by marketing list, of all its files."""

    night: date
    people: dict[str, set[Member]]
    addresses: dict[str, set[str]]
    outcome: Outcome
    lacking: set[str]  # feeds that were not in, by the schedule
    forbidden: dict[str, Forbidden]

    @property
    def wronged(self) -> dict[str, list[str]]:
        found = {
            name: sorted(
                {who.customer_id for who in people if no.holds(who, self.night)}
                | (self.addresses[name] & no.addresses)
            )
            for name, people in self.people.items()
            for no in [self.forbidden[name]]
        }
        return {name: who for name, who in found.items() if who}


@dataclass
class Schedule:
    """A company in a folder of its own, its whole deliveries beside those that arrive."""

    settings: Settings
    complete: Path
    seed: int
    nights: list[date]
    run_night: RunNight
    mishaps: list[Mishap] = field(default_factory=list)

    def run(self) -> list[Told]:
        self.random = Random(self.seed)
        self.fate = Random(f"mishaps {self.seed}")  # whoever is on a list, the same files fail
        self.guarding = guarding_columns(self.settings)
        self.marketing = marketing_lists(self.settings)
        self.claiming = {code for code, it in self.marketing.items() if "claim" in it}
        self.lists = self.settings.home / "current" / "lists"
        live_on(self.complete, self.lists, self.nights[-1])
        return [self._night(night) for night in self.nights]

    @property
    def house(self) -> Path:
        return self.complete / "landing" / "house"

    def _night(self, night: date) -> Told:
        plant(self.random, self.house, night, self._listed(), self.claiming)
        there = {night: self._delivered_on(night)}
        self.mishaps += draw(self.fate, [night], there)
        for feed in there[night]:
            self._deliver(feed, night)
        for mishap in self.mishaps:
            if mishap.healed_on == night:
                self._heal(mishap)
        outcome = self.run_night(self.settings, night)
        return Told(
            night, *self._written(outcome), outcome, self._lacking(night), self._forbidden(night)
        )

    def _written(self, outcome: Outcome) -> tuple[dict[str, set[Member]], dict[str, set[str]]]:
        """People and addresses of each marketing list of the night; of none where it made none."""
        if outcome.lists is None:
            return {}, {}
        self.lists = outcome.lists
        people = {name: set(who) for name, who in self._listed().items()}
        return people, {name: addresses_in(self.lists, name) for name in self.marketing}

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
            parts = damaged(
                self.random,
                mishap.kind,
                content,
                self.guarding[feed],
                must_have_rows=self._must_have_rows(feed, night),
            )
            _put(target / f"{feed}.csv", parts)

    def _heal(self, mishap: Mishap) -> None:
        day = mishap.day.isoformat()
        name = f"{mishap.feed}.r1.csv" if mishap.has_come else f"{mishap.feed}.csv"
        content = (self.house / day / f"{mishap.feed}.csv").read_bytes()
        _put(self.settings.landing / "house" / day / name, whole(content))

    def _must_have_rows(self, feed: str, night: date) -> bool:
        """By its eight weeks before the schedule: on each day, or on all but one of that weekday,
        and then so many that none is no chance."""
        before = [self.nights[0] - timedelta(days=n) for n in range(1, 57)]
        rows = {day: self._rows(feed, day) for day in before}
        alike = [rows[day] for day in before if day.weekday() == night.weekday()]
        return min(rows.values()) > 0 or (alike.count(0) <= 1 and median(alike) > 9)

    def _rows(self, feed: str, day: date) -> int:
        file = self.house / day.isoformat() / f"{feed}.csv"
        return file.read_bytes().count(b"\n") - 1 if file.exists() else 0

    def _lacking(self, night: date) -> set[str]:
        """What comes only when needed is missed only when a file of it came that nobody can use."""
        return {
            mishap.feed
            for mishap in self.mishaps
            if mishap.is_felt_on(night) and (mishap.feed in DAILY or mishap.has_come)
        }

    def _forbidden(self, night: date) -> dict[str, Forbidden]:
        not_expected = {
            (mishap.feed, mishap.day)
            for mishap in self.mishaps
            if mishap.feed in WHEN_NEEDED and not mishap.has_come and mishap.is_felt_on(night)
        }
        oracle = Oracle(self.house, night, lambda feed, day: (feed, day) not in not_expected)
        silent = {
            (channel, is_claim): oracle.forbidden(channel, self.nights[0] if is_claim else None)
            for channel, is_claim in {_judged_by(it) for it in self.marketing.values()}
        }
        return {code: silent[_judged_by(it)] for code, it in self.marketing.items()}

    def _listed(self) -> dict[str, list[Member]]:
        return {name: _members(self.lists / f"{name}.csv") for name in self.marketing}


def marketing_lists(settings: Settings) -> dict[str, dict[str, Any]]:
    """List -> what its YAML says of it."""
    lists = list_definitions.for_dbt(settings.dbt_project)
    definitions = {code: said["definition"] for code, said in lists.items()}
    return {code: it for code, it in definitions.items() if it["class"] == "marketing"}


def _judged_by(definition: dict[str, Any]) -> tuple[str, bool]:
    return definition["channel"], "claim" in definition


def _put(file: Path, parts: Iterable[tuple[str, bytes]]) -> None:
    for ending, content in parts:
        file.with_name(file.name + ending).write_bytes(content)


def guarding_columns(settings: Settings) -> dict[str, set[str]]:
    """Feed -> columns without which its file is refused."""
    return {
        feed.name: {c.header for c in feed.columns if c.required or c.is_header_required}
        for feed in declarations.load(settings.dbt_project, settings.systems)
    }


def _members(file: Path) -> list[Member]:
    """Nobody, where the list is withheld and has no file."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return [_member(row) for row in csv.DictReader(lines)]


def _member(row: dict[str, str]) -> Member:
    expected_on = row.get("expected_next_order_on")
    return Member(
        row["customer_id"],
        row["email"],
        date.fromisoformat(expected_on) if expected_on else None,
    )


def addresses_in(lists: Path, name: str) -> set[str]:
    """In every file of a list, of any target, but for those of people who could not go."""
    files = [file for file in lists.rglob(f"{name}.*") if ".rejected." not in file.name]
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in files)
    return {found.lower() for text in texts for found in ADDRESS.findall(text)}


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
    run_night: RunNight,
) -> Schedule:
    """A schedule over the nights after the tests' company's last one."""
    copy = company.clone(after, parsed.COPY, home / "home")
    landing = home / "landing"
    shutil.copytree(after.landing, landing, symlinks=True)
    days = [company.LAST_NIGHT + timedelta(days=n) for n in range(1, nights + 1)]
    settings = replace(copy, landing=landing, settle_seconds=0)
    return Schedule(settings, home / "complete", seed, days, run_night)
