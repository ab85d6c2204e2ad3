"""What a company was made from: enough to make the same one again on another day."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from regulars.sample_company import company
from regulars.sample_company.after_sale.households import kinship, with_shared_names
from regulars.sample_company.company import LOOK_AHEAD_DAYS, Company
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
    that are lived but not delivered yet."""

    seed: int
    world: World
    customers: int
    first_night: date
    last_night: date
    ahead: int = 0

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
        """The whole company; its `nights` include those ahead."""
        made = company.found(
            self.seed, self.world, self.customers, self.first_day, self.nights + self.ahead,
            LOOK_AHEAD_DAYS - self.ahead,
        )  # fmt: skip
        return replace(made, who=with_shared_names(made.who, kinship(self.seed, made.who)))

    def write(self, truth: Path) -> None:
        """Leave a note beside the truth."""
        (truth / _FILE).write_text(self._note(), encoding="utf-8")

    def is_another_in(self, truth: Path) -> bool:
        """Whether this truth is of a company made from something else."""
        note = truth / _FILE
        return note.exists() and note.read_text(encoding="utf-8") != self._note()

    def _note(self) -> str:
        dirt = self.world.dirt
        said = {
            "seed": self.seed, "world": self.world.name, "customers": self.customers,
            "dirt": {
                "per_mille": dirt.per_mille,
                "kinds": None if dirt.kinds is None else sorted(dirt.kinds),
            },
            "first_night": self.first_night.isoformat(),
            "last_night": self.last_night.isoformat(), "ahead": self.ahead,
        }  # fmt: skip
        return json.dumps(said, indent=2) + "\n"

    @classmethod
    def read(cls, truth: Path, world: World | None = None) -> Founding:
        """From the note. world: the company's own, where it is none of the named ones but for
        its dirt, which is noted."""
        try:
            said = json.loads((truth / _FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise NoCompany(
                f"{truth / _FILE} is missing: make a company first, with "
                "`regulars sample --ahead NIGHTS`."
            ) from None
        nights = {
            name: date.fromisoformat(said.pop(name)) for name in ("first_night", "last_night")
        }
        dirt = said.pop("dirt")
        kinds = None if dirt["kinds"] is None else frozenset(dirt["kinds"])
        living = world or world_named(said["world"])
        return cls(**{
            **said, **nights, "world": living.variant(dirt={**dirt, "kinds": kinds})
        })  # fmt: skip
