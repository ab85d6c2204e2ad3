"""A programme of four lists: whom each is about, who is assigned each week, and what it earned.

A stand-in for the night's SQL that is small enough to be lived through for a year many times. Whom
a list is about is a rule of thumb; holding out, measuring and believing are the product's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from regulars.results.announced import verdict_of
from regulars.results.assigned import Assigned
from regulars.results.believed import Believed, Measured, believed, of_strata
from regulars.results.effect import Effect, effect_of
from regulars.sample_company.keyed import uniforms
from regulars.sample_company.loop.response import Untreated
from regulars.sample_company.loop.sent import Sent, key_of
from studies.closed_loop.simulated_people import Known, Ledger

ASSUMED = 0.10  # share of the value at stake that a contact is taken to win
HOLDOUT = 0.20
WINDOW = 90  # nights in which an outcome counts
COST = 0.02  # euros, of a letter
RESTED = 15  # nights between two contacts: at most two in thirty
RESAMPLES = 199
BEFORE = 365
STRATA = 3

Rule = Literal["none", "value", "assumed", "measured"]


def about(known: Known) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By list, in order of priority: whom it is about, and the value at stake of everybody."""
    regular = known.orders >= 3
    late = known.since_last / np.maximum(known.gap, 1)
    return {
        "save_our_best": (regular & (late > 1.5) & (late <= 3), known.year),
        "second_purchase": (
            (known.orders == 1) & (known.since_last >= 20) & (known.since_last <= 120),
            known.per_order,
        ),
        "reorder_due": (regular & (late > 0.7) & (late <= 1.3), known.per_order),
        "win_back": (
            (known.orders >= 2) & (late > 3) & (known.since_last > 120),
            2 * known.per_order,
        ),
    }


@dataclass
class Entries:
    """Everybody ever assigned, an entry each."""

    list_code: list[str] = field(default_factory=list)
    customer: list[int] = field(default_factory=list)
    night: list[int] = field(default_factory=list)
    is_treated: list[bool] = field(default_factory=list)
    at_stake: list[float] = field(default_factory=list)

    def sent(self, without: str | None = None) -> Sent:
        """What was sent to them; without a list, as if it had not been."""
        return Sent.of(
            (code, who, night, False)
            for code, who, night, treated in zip(
                self.list_code, self.customer, self.night, self.is_treated, strict=True
            )
            if treated and code != without
        )


@dataclass
class Programme:
    """One programme in one company. capacity: letters a week."""

    untreated: Untreated
    rule: Rule
    capacity: int
    entries: Entries = field(default_factory=Entries)

    @property
    def is_by_gain(self) -> bool:
        return self.rule in ("assumed", "measured")

    def live(self, first: int, weeks: int) -> Iterator[Ledger]:
        """A ledger a week: assign on its first night, then see what follows."""
        for night in range(first, first + 7 * weeks, 7):
            ledger = Ledger.after(self.untreated, self.entries.sent())
            if self.rule != "none":
                self._assign(ledger, night)
            yield ledger

    def _assign(self, ledger: Ledger, night: int) -> None:
        known = Known.on(ledger, night)
        free = known.is_reachable & self._is_rested(len(known.orders), night)
        beliefs = self.beliefs(ledger, night) if self.rule == "measured" else {}
        asked = [
            (code, who, stake[who], self._gain(code, stake[who], beliefs.get(code)), place)
            for place, (code, (whom, stake)) in enumerate(about(known).items())
            for who in [
                np.flatnonzero(whom & free & (stake > 0) & self._is_closed(code, whom, night))
            ]
        ]
        self._seat(asked, night)

    def _seat(self, asked: list, night: int) -> None:
        code = np.concatenate([np.full(len(who), place) for _, who, _, _, place in asked])
        who = np.concatenate([one[1] for one in asked])
        stake = np.concatenate([one[2] for one in asked])
        gain = np.concatenate([one[3] for one in asked])
        if self.is_by_gain:
            turn = np.lexsort((who, -gain))
            turn = turn[gain[turn] > 0]
        else:
            turn = np.lexsort((who, -stake, code))
        turn = turn[np.sort(np.unique(who[turn], return_index=True)[1])]  # one list a person
        held = self._is_held(code[turn], who[turn], night)
        is_seated = self._seats(code[turn], held, len(asked))
        for place, hold in zip(turn[is_seated], held[is_seated], strict=True):
            self.entries.list_code.append(asked[code[place]][0])
            self.entries.customer.append(int(who[place]))
            self.entries.night.append(night)
            self.entries.is_treated.append(not hold)
            self.entries.at_stake.append(float(stake[place]))

    def _seats(self, code: np.ndarray, held: np.ndarray, lists: int) -> np.ndarray:
        """Both arms end at the same rank. By value each list has its share of the letters, by gain
        the greatest gains have them."""
        taken = np.zeros(len(code), dtype=bool)
        groups = np.zeros(len(code), int) if self.is_by_gain else code
        capacity = self.capacity if self.is_by_gain else self.capacity // lists
        for group in np.unique(groups):
            here = np.flatnonzero(groups == group)
            taken[here] = np.cumsum(~held[here]) + held[here] <= capacity
        return taken

    def _gain(
        self, code: str, stake: np.ndarray, beliefs: tuple[np.ndarray, list[Believed]] | None
    ) -> np.ndarray:
        if beliefs is None:
            return ASSUMED * stake - COST
        cuts, shares = beliefs
        share = np.array([one.share for one in shares])
        return share[np.searchsorted(cuts, stake)] * stake - COST

    def _is_held(self, code: np.ndarray, who: np.ndarray, night: int) -> np.ndarray:
        return uniforms(self.untreated.seed, "study hold-out", code, who, night) < HOLDOUT

    def _is_rested(self, size: int, night: int) -> np.ndarray:
        last = np.full(size, -1000)
        e = self.entries
        if e.customer:
            treated = np.array(e.is_treated)
            np.maximum.at(last, np.array(e.customer)[treated], np.array(e.night)[treated])
        return night - last >= RESTED

    def _is_closed(self, code: str, whom: np.ndarray, night: int) -> np.ndarray:
        """Whose last episode on the list is over."""
        last = np.full(len(whom), -1000)
        for one, who, when in zip(
            self.entries.list_code, self.entries.customer, self.entries.night, strict=True
        ):
            if one == code:
                last[who] = when
        return night - last > WINDOW

    def settled(self, ledger: Ledger, code: str, night: int) -> tuple[Assigned, np.ndarray] | None:
        """The entries of a list whose window has passed, and what was at stake of each."""
        e = self.entries
        here = np.flatnonzero(
            (np.array(e.list_code) == code) & (np.array(e.night) + WINDOW <= night)
        )
        if not len(here):
            return None
        who, since, stake = (np.array(a)[here] for a in (e.customer, e.night, e.at_stake))
        cuts = np.quantile(stake, np.arange(1, STRATA) / STRATA)
        one = Assigned(
            is_treated=np.array(e.is_treated)[here],
            stratum=np.searchsorted(cuts, stake),
            outcome=ledger.margin_between(who, since, WINDOW),
            people=np.ones(len(here), dtype=int),
            before=np.stack([ledger.margin_between(who, since - BEFORE, BEFORE), stake], axis=1),
        )
        return one, stake

    def effects(self, ledger: Ledger, night: int) -> dict[str, Effect]:
        """What each list is measured to change a head."""
        found = {}
        for code in sorted(set(self.entries.list_code)):
            settled = self.settled(ledger, code, night)
            effect = effect_of(settled[0], key_of(code), RESAMPLES) if settled else None
            if effect is not None:
                found[code] = effect
        return found

    def beliefs(self, ledger: Ledger, night: int) -> dict[str, tuple[np.ndarray, list[Believed]]]:
        """By list that is measured: cuts of the value at stake, and what is believed between."""
        found = {}
        for code, effect in self.effects(ledger, night).items():
            settled = self.settled(ledger, code, night)
            assert settled is not None
            one, stake = settled
            whole = believed(Measured(effect, float(stake.mean())), ASSUMED)
            if whole is None:
                continue
            cuts = np.quantile(stake, np.arange(1, STRATA) / STRATA)
            strata = {}
            for stratum in range(STRATA):
                rows = one.stratum == stratum
                part = effect_of(one.where(rows), key_of(code) + stratum, RESAMPLES)
                if part is not None:
                    strata[str(stratum)] = Measured(part, float(stake[rows].mean()))
            shares = of_strata(strata, whole)
            found[code] = (cuts, [shares.get(str(s), whole) for s in range(STRATA)])
        return found

    def harmful(self, ledger: Ledger, night: int) -> set[str]:
        """Lists announced to do harm."""
        return {
            code
            for code, effect in self.effects(ledger, night).items()
            if verdict_of(effect) == "harm"
        }


def true_effect(programme: Programme, code: str) -> float:
    """A head, of those the list was sent to: their margin in the window as it was, less what it
    would have been without this list."""
    e = programme.entries
    treated = np.array(e.is_treated) & (np.array(e.list_code) == code)
    who, since = np.array(e.customer)[treated], np.array(e.night)[treated]
    with_it, without = (
        Ledger.after(programme.untreated, programme.entries.sent(without=left_out))
        for left_out in (None, code)
    )
    difference = with_it.margin_between(who, since, WINDOW) - without.margin_between(
        who, since, WINDOW
    )
    return float(difference.mean())
