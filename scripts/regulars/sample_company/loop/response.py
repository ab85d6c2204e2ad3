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

import regulars.sample_company.fatigue as fatigue
from regulars.sample_company.after_sale.farewells import Farewells, farewells
from regulars.sample_company.after_sale.households import Kinship, kinship
from regulars.sample_company.company import SALE, Company
from regulars.sample_company.keyed import uniforms
from regulars.sample_company.localtime import DAY, MISSING
from regulars.sample_company.parts import LIST_EFFECTS, OTHER_LISTS_EFFECT, ListEffect

KINDS = ("lost_cause", "persuadable", "sleeping_dog", "sure_thing")
LOST_CAUSE, PERSUADABLE, SLEEPING_DOG, SURE_THING = range(4)
STRATA = ("buys_seldom", "buys_sometimes", "buys_often")
_NEVER = np.iinfo(np.int64).max


def effect_of(list_code: str) -> ListEffect:
    """What the list does; a list of no fame does a little good."""
    return LIST_EFFECTS.get(list_code, OTHER_LISTS_EFFECT)


@dataclass(frozen=True)
class Untreated:
    """The company left alone, and what must be known of it to say what a contact would do.

    stratum per customer (tercile of the purchase rate); ended_at: instant of death or of the wish
    to be forgotten, after which nothing works.
    """

    seed: int
    company: Company
    kin: Kinship
    farewells: Farewells
    stratum: np.ndarray
    ended_at: np.ndarray
    _own: np.ndarray = field(repr=False)
    _keys: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, seed: int, company: Company) -> Untreated:
        rate, o = company.lives.rate, company.orders
        ranks = np.empty(len(rate), dtype=np.int64)
        ranks[np.argsort(rate, kind="stable")] = np.arange(len(rate))
        ends = farewells(seed, company)
        ended_at = np.full(len(rate), _NEVER)
        ended_at[ends.dead], ended_at[ends.erased] = ends.died_at, ends.asked_at
        own = np.flatnonzero((o.order_type == SALE) & (o.delivered_at != MISSING))
        own = own[np.lexsort((own, o.ordered_at[own], o.customer[own]))]
        return cls(
            seed=seed,
            company=company,
            kin=kinship(seed, company.who, company.world.household),
            farewells=ends,
            stratum=ranks * len(STRATA) // max(len(rate), 1),
            ended_at=ended_at,
            _own=own,
            _keys=_key(o.customer[own], o.ordered_at[own]),
        )

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
    untreated: Untreated,
    list_code: str,
    customer: np.ndarray,
    at: np.ndarray,
    episode: np.ndarray,
    weariness: np.ndarray,
    power: float = 1.0,
) -> Outcomes:
    """Potential outcomes of contacts with these customers at these instants.

    episode: 0-based number of the customer's episode on the list. power: share of the list's power
    to persuade that applies; below one for who only lives with somebody contacted, who is put off
    by nothing.
    """
    effect, stratum = effect_of(list_code), untreated.stratum[customer]
    until = at + effect.window_days * DAY
    entry, _ = untreated.orders_between(customer, at, until)
    would_buy = np.bincount(entry, minlength=len(customer)) > 0
    part = "spill-over" if power < 1.0 else "contact"
    reached = ~bounces(untreated, customer) & (untreated.ended_at[customer] > until)
    draw = uniforms(untreated.seed, f"{part} {list_code}", customer, episode)
    strength = untreated.company.world.care.contact_effect
    rested = fatigue.persuasion(weariness, untreated.company.world.response)
    persuades = np.asarray(effect.persuades)[stratum] * rested * power * strength
    puts_off = np.asarray(effect.puts_off)[stratum] * (strength if power == 1.0 else 0.0)
    is_persuaded = reached & ~would_buy & (draw < persuades)
    is_put_off = reached & would_buy & (draw < puts_off)
    return Outcomes(stratum, would_buy, (would_buy & ~is_put_off) | is_persuaded)


def bounces(untreated: Untreated, customer: np.ndarray) -> np.ndarray:
    """Whose address nothing reaches."""
    share = untreated.company.world.response.bounce_share
    return uniforms(untreated.seed, "bounces", customer) < share


def ordinal(*groups: np.ndarray) -> np.ndarray:
    """How many equal entries of the (sorted) groups come before each."""
    changed = np.zeros(len(groups[0]), dtype=bool)
    for group in groups:
        changed |= np.diff(group, prepend=group[:1] - 1) != 0
    starts = np.flatnonzero(changed)
    return np.arange(len(changed)) - np.repeat(starts, np.diff(np.append(starts, len(changed))))


def episodes(
    list_code: np.ndarray, customer: np.ndarray, at: np.ndarray, window_days: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
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
    episode, begins = np.empty(len(who), dtype=np.int64), np.empty(len(who), dtype=bool)
    episode[order], begins[order] = number, began == when
    return episode, begins
