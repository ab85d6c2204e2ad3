"""What a company was made from: enough to make the same one again on another day."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from regulars.sample_company.after_sale.households import kinship, with_shared_names
from regulars.sample_company.company import LOOK_AHEAD_DAYS, Company, live
from regulars.sample_company.localtime import day_number
from regulars.sample_company.worlds import World, world_named

# Contacts work for half a year, and what comes of them must still be known.
AHEAD_MOST = LOOK_AHEAD_DAYS - 180
_FILE = "company.json"


class NoCompany(RuntimeError):
    """There is no sample company here that could live on."""


@dataclass(frozen=True)
class Founding:
    """A company of so many customers over nights first to last, and `ahead` nights after them
    that are lived but not delivered yet.

    newcomers_ahead: customers are spread over all nights; else they all sign up in the nights that
    are delivered, which are then those of a company without nights ahead, to the byte.
    """

    seed: int
    world: World
    customers: int
    first_night: date
    last_night: date
    ahead: int = 0
    newcomers_ahead: bool = True

    def __post_init__(self) -> None:
        if self.customers < 1:
            raise ValueError(f"customers is {self.customers}: a company needs at least one.")
        if self.nights < 1:
            raise ValueError("last_night lies before first_night.")
        if not 0 <= self.ahead <= AHEAD_MOST:
            raise ValueError(f"ahead is {self.ahead}: it must lie between 0 and {AHEAD_MOST}.")

    @property
    def first_day(self) -> int:
        return day_number(self.first_night)

    @property
    def nights(self) -> int:
        return day_number(self.last_night) - self.first_day + 1

    def company(self) -> Company:
        """The whole company; its `nights` are those in which people sign up."""
        lived = self.ahead if self.newcomers_ahead else 0
        company = live(
            self.seed,
            self.world,
            self.customers,
            self.first_day,
            nights=self.nights + lived,
            look_ahead=LOOK_AHEAD_DAYS - lived,
        )
        kin = kinship(self.seed, company.who, self.world.household)
        return replace(company, who=with_shared_names(company.who, kin))

    def write(self, truth: Path) -> None:
        """Leave a note beside the truth."""
        (truth / _FILE).write_text(self._note(), encoding="utf-8")

    def is_another_in(self, truth: Path) -> bool:
        """Whether this truth is of a company made from something else."""
        note = truth / _FILE
        return note.exists() and note.read_text(encoding="utf-8") != self._note()

    def _note(self) -> str:
        dirt = self.world.dirt
        note: dict[str, Any] = {
            "seed": self.seed,
            "world": self.world.name,
            "customers": self.customers,
            "dirt": {
                "per_mille": dirt.per_mille,
                "kinds": None if dirt.kinds is None else sorted(dirt.kinds),
            },
            "first_night": self.first_night.isoformat(),
            "last_night": self.last_night.isoformat(),
            "ahead": self.ahead,
        }
        if not self.newcomers_ahead:
            note["newcomers_ahead"] = False
        return json.dumps(note, indent=2) + "\n"

    @classmethod
    def read(cls, truth: Path, world: World | None = None) -> Founding:
        """From the note. world: the company's own, where it is none of the named ones but for
        its dirt, which is noted."""
        try:
            note = json.loads((truth / _FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise NoCompany(
                f"{truth / _FILE} is missing: make a company first, with "
                "`regulars sample --ahead NIGHTS`."
            ) from None
        kinds = note["dirt"]["kinds"]
        dirt = {**note["dirt"], "kinds": None if kinds is None else frozenset(kinds)}
        return cls(
            seed=note["seed"],
            world=(world or world_named(note["world"])).variant(dirt=dirt),
            customers=note["customers"],
            first_night=date.fromisoformat(note["first_night"]),
            last_night=date.fromisoformat(note["last_night"]),
            ahead=note["ahead"],
            newcomers_ahead=note.get("newcomers_ahead", True),
        )
