"""What a contact does to whom: potential outcomes, fixed by key before anybody is contacted.

Everybody has two futures per list: left alone, which is the life the company simulated, and
contacted. Whoever would not buy within the list's window may be *persuadable* or a *lost cause*;
whoever would buy, a *sure thing* or a *sleeping dog* that the contact puts off. Which it is comes
from a draw that is hashed from (seed, list, customer, episode): the same in whatever order nights
are replayed and whoever else is contacted. Only weariness (`fatigue`) lowers the chance.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from regulars.sample_company.after_sale.farewells import Farewells, farewells
from regulars.sample_company.after_sale.households import Kinship, kinship
from regulars.sample_company.company import SALE, Company
from regulars.sample_company.keyed import uniforms
from regulars.sample_company.localtime import DAY, MISSING
from regulars.sample_company.loop import fatigue

KINDS = ("lost_cause", "persuadable", "sleeping_dog", "sure_thing")
LOST_CAUSE, PERSUADABLE, SLEEPING_DOG, SURE_THING = range(4)
STRATA = ("buys_seldom", "buys_sometimes", "buys_often")
SPILL_OVER = 0.3  # of the power to persuade, on who lives with somebody contacted
_BOUNCES = 0.012  # addresses that no letter reaches
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class ListEffect:
    """Power of a list by stratum (`STRATA`), and how long a contact can work.

    persuades  chance that somebody who would not have bought in the window does
    puts_off   chance that somebody who would have bought does not
    """

    persuades: tuple[float, float, float]
    puts_off: tuple[float, float, float]
    window_days: int = 90


# One list does harm: those it is meant to keep, it reminds of leaving.
EFFECTS: dict[str, ListEffect] = {
    "second_purchase": ListEffect((0.10, 0.18, 0.14), (0.00, 0.01, 0.02)),
    "save_our_best": ListEffect((0.01, 0.02, 0.02), (0.20, 0.30, 0.40), 180),
    "make_it_right": ListEffect((0.05, 0.10, 0.15), (0.00, 0.00, 0.00), 180),
    "win_back": ListEffect((0.03, 0.06, 0.09), (0.02, 0.02, 0.02), 180),
    "reorder_due": ListEffect((0.04, 0.12, 0.20), (0.00, 0.01, 0.01), 30),
}
OTHERS = ListEffect((0.03, 0.05, 0.06), (0.01, 0.01, 0.01))


def effect_of(list_code: str) -> ListEffect:
    """What the list does; a list of no fame does a little good."""
    return EFFECTS.get(list_code, OTHERS)


@dataclass(frozen=True)
class Untreated:
    """The company left alone, and what must be known of it to say what a contact would do.

    stratum per customer (tercile of the purchase rate); ended_at: instant of death or of the wish
    to be forgotten, after which nothing works.
    """

    seed: int
    company: Company
    kin: Kinship
    left: Farewells
    stratum: np.ndarray
    ended_at: np.ndarray
    _own: np.ndarray = field(repr=False)
    _keys: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, seed: int, company: Company) -> Untreated:
        rate, o = company.lives.rate, company.orders
        ranks = np.empty(len(rate), dtype=np.int64)
        ranks[np.argsort(rate, kind="stable")] = np.arange(len(rate))
        left = farewells(seed, company)
        ended_at = np.full(len(rate), _NEVER)
        ended_at[left.dead], ended_at[left.erased] = left.died_at, left.asked_at
        own = np.flatnonzero((o.order_type == SALE) & (o.delivered_at != MISSING))
        own = own[np.lexsort((own, o.ordered_at[own], o.customer[own]))]
        return cls(
            seed, company, kinship(seed, company.who), left,
            ranks * len(STRATA) // max(len(rate), 1), ended_at, own,
            _key(o.customer[own], o.ordered_at[own]),
        )  # fmt: skip

    def orders_between(
        self, customer: np.ndarray, after: np.ndarray, until: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """(entry of the arguments, order) for every own order in (after, until] of each entry."""
        first = np.searchsorted(self._keys, _key(customer, after), side="right")
        last = np.searchsorted(self._keys, _key(customer, until), side="right")
        counts = last - first
        entry = np.repeat(np.arange(len(customer)), counts)
        into = np.arange(len(entry)) - np.repeat(np.cumsum(counts) - counts, counts)
        return entry, self._own[first[entry] + into]


def _key(customer: np.ndarray, at: np.ndarray) -> np.ndarray:
    """One number that sorts by customer, then time; instants take less than 34 bits."""
    return customer * 2**34 + np.clip(at, 0, 2**34 - 1)


@dataclass(frozen=True)
class Outcomes:
    """Both futures of each entry: buys within the window if left alone, and if contacted."""

    stratum: np.ndarray
    buys_if_left: np.ndarray
    buys_if_contacted: np.ndarray

    @property
    def kind(self) -> np.ndarray:
        """Code into KINDS."""
        return 2 * self.buys_if_left.astype(np.int64) + self.buys_if_contacted


def outcomes(
    known: Untreated, list_code: str, customer: np.ndarray, at: np.ndarray, episode: np.ndarray,
    weariness: np.ndarray, power: float = 1.0,
) -> Outcomes:  # fmt: skip
    """Potential outcomes of contacts with these customers at these instants.

    episode: 0-based number of the customer's episode on the list. power: share of the list's power
    to persuade that applies; below one for who only lives with somebody contacted, who is put off
    by nothing.
    """
    effect, stratum = effect_of(list_code), known.stratum[customer]
    until = at + effect.window_days * DAY
    entry, _ = known.orders_between(customer, at, until)
    would_buy = np.bincount(entry, minlength=len(customer)) > 0
    part = "spill-over" if power < 1.0 else "contact"
    reached = ~bounces(known, customer) & (known.ended_at[customer] > until)
    draw = uniforms(known.seed, f"{part} {list_code}", customer, episode)
    strength = known.company.world.care.contact_effect
    wins = np.asarray(effect.persuades)[stratum] * fatigue.persuasion(weariness) * power * strength
    loses = np.asarray(effect.puts_off)[stratum] * (strength if power == 1.0 else 0.0)
    persuaded = reached & ~would_buy & (draw < wins)
    put_off = reached & would_buy & (draw < loses)
    return Outcomes(stratum, would_buy, (would_buy & ~put_off) | persuaded)


def bounces(known: Untreated, customer: np.ndarray) -> np.ndarray:
    """Whose address nothing reaches."""
    return uniforms(known.seed, "bounces", customer) < _BOUNCES


def ordinal(*groups: np.ndarray) -> np.ndarray:
    """How many equal entries of the (sorted) groups come before each."""
    changed = np.zeros(len(groups[0]), dtype=bool)
    for group in groups:
        changed |= np.diff(group, prepend=group[:1] - 1) != 0
    starts = np.flatnonzero(changed)
    return np.arange(len(changed)) - np.repeat(starts, np.diff(np.append(starts, len(changed))))


def episodes(list_code: np.ndarray, customer: np.ndarray, at: np.ndarray, window_days: np.ndarray
             ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """(number of the episode, whether it begins here) of each contact, in any order.

    A contact belongs to the episode that an earlier one on the same list began within the window.
    """
    order = np.lexsort((at, customer, list_code))
    lists, who, when, window = (a[order] for a in (list_code, customer, at, window_days * DAY))
    nth = ordinal(lists, who)
    began, number = when.copy(), np.zeros(len(who), dtype=np.int64)
    for n in range(1, int(nth.max(initial=0)) + 1):
        here = np.flatnonzero(nth == n)
        anew = when[here] > began[here - 1] + window[here]
        began[here] = np.where(anew, when[here], began[here - 1])
        number[here] = number[here - 1] + anew
    found, begins = np.empty(len(who), dtype=np.int64), np.empty(len(who), dtype=bool)
    found[order], begins[order] = number, began == when
    return found, begins
