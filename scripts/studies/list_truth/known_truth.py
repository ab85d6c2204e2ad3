"""What is true of a sample company's people and units, as the lists' questions need it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from regulars.sample_company import LAST_NIGHT, World
from regulars.sample_company.after_sale import identities, loyalty, referrals, units
from regulars.sample_company.after_sale.households import Kinship, kinship
from regulars.sample_company.company import Company
from regulars.sample_company.founding import Founding
from regulars.sample_company.localtime import DAY, day_number, to_instant

Numbers = dict[str, float]


def customer(number: int) -> str:
    return f"C{number + 1:07d}"


@dataclass(frozen=True)
class Truth:
    """folder: what `generate` kept aside. world: the company's own, where it is none of the named
    ones. Amounts in euros, by customer_id."""

    folder: Path
    world: World | None = None

    @cached_property
    def founding(self) -> Founding:
        return Founding.read(self.folder, self.world)

    @cached_property
    def company(self) -> Company:
        return self.founding.company()

    @cached_property
    def end(self) -> int:
        """The instant at which the last night's day is over."""
        return int(to_instant(np.array([(day_number(LAST_NIGHT) + 1) * DAY]))[0])

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / f"{name}.parquet")

    @cached_property
    def people(self) -> pd.DataFrame:
        return self.table("customers").set_index("customer_id")

    # ---------- of people

    def column(self, values: pd.Series) -> Numbers:
        return {str(who): float(value) for who, value in values.items()}

    @cached_property
    def is_gone(self) -> Numbers:
        return self.column(~self.people["is_alive_on_last_night"])

    @cached_property
    def buys_within_a_year(self) -> Numbers:
        return self.column(self.people["purchase_days_next_365d"] > 0)

    @cached_property
    def net_next_year(self) -> Numbers:
        earned = self.people["margin_next_365d_eur"] - self.people["service_cost_next_365d_eur"]
        return self.column(earned)

    @cached_property
    def was_served_badly(self) -> Numbers:
        return self.column(self.people["bad_cases"] > 0)

    def gain_of(self, list_code: str) -> Numbers:
        """Spend within the list's window if contacted, less if left alone."""
        both = self._outcomes(list_code)
        return self.column(both["spend_if_contacted_eur"] - both["spend_if_left_alone_eur"])

    def buys_anyway(self, list_code: str) -> Numbers:
        return self.column(self._outcomes(list_code)["buys_if_left_alone"])

    def _outcomes(self, list_code: str) -> pd.DataFrame:
        outcomes = self.table("potential_outcomes")
        return outcomes[outcomes["list_code"] == list_code].set_index("customer_id")

    @cached_property
    def loses_points(self) -> Numbers:
        """Whether points lapse within 60 days of the last night."""
        book = loyalty.ledger(self.founding.seed, self.company)
        soon = (
            (book.kind == loyalty.EXPIRED)
            & (book.booked_at >= self.end)
            & (book.booked_at < self.end + 60 * DAY)
        )
        losers = {customer(who) for who in np.unique(book.customer[soon]).tolist()}
        return {who: float(who in losers) for who in self.people.index}

    # ---------- of people and units

    @cached_property
    def owned(self) -> dict[tuple[str, str], float]:
        """(customer, product) of every unit in somebody's use tonight."""
        return self._owned(np.ones(len(self.units.product), dtype=bool))

    @cached_property
    def worn_out(self) -> dict[tuple[str, str], float]:
        """Those of them that are older than such a product is expected to become."""
        life = self.company.shop.life[self.units.product] * 30.4 * DAY
        return self._owned(self.units.bought_at + life < self.end)

    @cached_property
    def units(self) -> units.Units:
        return units.units(self.founding.seed, self.company)

    def _owned(self, these: np.ndarray) -> dict[tuple[str, str], float]:
        u = self.units
        again = (u.owner_after >= 0) & (u.resold_at < self.end)
        here = these & (u.known_at < self.end) & (again | (u.retired_at >= self.end))
        owner = np.where(again, u.owner_after, u.customer)
        pairs = zip(owner[here].tolist(), u.product[here].tolist(), strict=True)
        return {(customer(who), f"P{product + 1:04d}"): 1.0 for who, product in pairs}

    # ---------- who is who

    @cached_property
    def kin(self) -> Kinship:
        return kinship(self.founding.seed, self.company.who, self.company.world.household)

    @cached_property
    def person(self) -> dict[str, int]:
        return {customer(place): who for place, who in enumerate(self.kin.person.tolist())}

    @cached_property
    def told_persons(self) -> dict[str, int]:
        """The same, as far as somebody found a second account by the last night and said so in the
        feed `identities`: accounts of one person that nobody has told of stand alone."""
        who, household = self.company.who, self.company.world.household
        words = identities.identities(self.founding.seed, who, self.kin, household)
        heard = words.is_merged & (words.changed_at < self.end)
        told = set(words.old[heard].tolist())
        person = enumerate(self.kin.person.tolist())
        return {customer(place): of if place in told else place for place, of in person}

    @cached_property
    def brought(self) -> set[tuple[str, str]]:
        """(newcomer, who brought them), as far as it is known by the last night."""
        found = referrals.referrals(self.founding.seed, self.company)
        known = found.at < self.end
        pairs = zip(found.referred[known].tolist(), found.referrer[known].tolist(), strict=True)
        return {(customer(who), customer(by)) for who, by in pairs}

    # ---------- of single worlds

    def of_wallets(self) -> dict[tuple[str, str], float]:
        """(customer, category) -> whether they buy that elsewhere too."""
        table = self.table("wallets")
        keys = zip(table["customer_id"], table["category"], strict=True)
        return dict(zip(keys, (table["spend_elsewhere_eur"] > 0).astype(float), strict=True))

    def of_mail(self) -> Numbers:
        """Chance of opting out at the next contact."""
        table = self.table("mail_fatigue").set_index("customer_id")
        return self.column(table["opt_out_chance"])

    def cost_of_mail(self) -> Numbers:
        """What the next contact is expected to cost: that chance × the next year's net value."""
        earned = self.net_next_year
        return {
            who: chance * max(earned.get(who, 0.0), 0.0) for who, chance in self.of_mail().items()
        }

    def of_talk(self) -> Numbers:
        """How much they speak well of us, beside somebody without any case: 1."""
        return self.column(self.table("word_of_mouth").set_index("customer_id")["talk"])
