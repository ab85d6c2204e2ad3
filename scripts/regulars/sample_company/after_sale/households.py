"""Who lives with whom, and who is the same person under two accounts.

Both are found among namesakes of one country, so that what shares an address mostly shares a
surname, and nothing that is delivered elsewhere has to change for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from regulars.sample_company.parts import Household
from regulars.sample_company.people import People
from regulars.sample_company.seeds import stream


@dataclass(frozen=True)
class Kinship:
    """Per customer: home (the place of the household's first member) and person (the place of
    the account that the same person had first). Own place for those who live, or are, alone."""

    home: np.ndarray
    person: np.ndarray

    def others_at_home(self) -> np.ndarray:
        """The next member of each customer's household, round in a circle; -1 for who is alone."""
        order = np.lexsort((np.arange(len(self.home)), self.home))
        starts = np.flatnonzero(np.diff(self.home[order], prepend=-1))
        sizes = np.diff(np.append(starts, len(order)))
        following = np.append(order[1:], -1)
        following[starts + sizes - 1] = order[starts]
        other = np.empty(len(order), dtype=np.int64)
        other[order] = following
        return np.where(other == np.arange(len(order)), -1, other)


def kinship(seed: int, who: People, household: Household) -> Kinship:
    """Couples and double accounts of a company; nobody is in two pairs."""
    rng = stream(seed, "households")
    home, person = np.arange(len(who)), np.arange(len(who))
    first, second = _pairs(rng, who.country * len(who.last_names) + who.last_name)
    draw = rng.random(len(first))
    is_same = draw < household.two_accounts_share
    is_couple = ~is_same & (draw < household.two_accounts_share + household.namesakes_share)
    is_same &= ~who.is_staff[first] & ~who.is_staff[second]
    person[second[is_same]] = first[is_same]
    home[second[is_same | is_couple]] = first[is_same | is_couple]
    members = np.bincount(home, minlength=len(home))
    alone = np.flatnonzero((members == 1) & (home == np.arange(len(home))))
    first, second = _pairs(rng, who.country[alone])
    moved_in = rng.random(len(first)) < household.others_share
    home[alone[second[moved_in]]] = alone[first[moved_in]]
    return Kinship(home, person)


def _pairs(rng: np.random.Generator, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs within equal groups, in random order, each with its smaller place first."""
    order = np.lexsort((rng.random(len(group)), group))
    within = np.arange(len(order)) - np.searchsorted(group[order], group[order], side="left")
    is_first = within % 2 == 0
    has_second = np.append(group[order][1:] == group[order][:-1], False)[: len(order)]
    at = np.flatnonzero(is_first & has_second)
    left, right = order[at], order[at + 1]
    return np.minimum(left, right), np.maximum(left, right)


def with_shared_names(who: People, kin: Kinship) -> People:
    """The same people; a second account says the name and the dates that the first one says."""
    return replace(
        who,
        first_name=who.first_name[kin.person],
        birth=who.birth[kin.person],
        anniversary=who.anniversary[kin.person],
    )
