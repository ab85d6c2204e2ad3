"""What is planted in nights that come one at a time, when lists are answered.

Drawn by key, not in turn: a night gets the same dirt whenever and with whichever others it is
delivered. Rows go bad as often as in the past (`plan`); an odd file of each kind comes on one night
in a hundred. What takes two nights (a late file, a late parent) stays in the past.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from regulars.sample_company.dirt.faults import wants
from regulars.sample_company.dirt.mishaps import Mishap, mishaps_of
from regulars.sample_company.dirt.odd_files import ODD_FILES, OddFile
from regulars.sample_company.dirt.planting import Plan, follow_orphans, most_bad_rows
from regulars.sample_company.feed import Feed
from regulars.sample_company.keyed import uniforms
from regulars.sample_company.parts import Dirt

# Running numbers of planted rows: so many for each night, and more than the past has used.
_NUMBERS_A_NIGHT = 1_000

Rows = dict[tuple[str, int], list[tuple[int, int, Mishap]]]
Files = dict[tuple[str, int], OddFile]


def plan_nights(seed: int, feeds: list[Feed], first_day: int, nights: range, dirt: Dirt) -> Plan:
    """What is planted in these nights of the company.

    first_day is the date of nights.start, from which the nights of the feeds and the plan count.
    """
    late = np.zeros(0, dtype=np.int64)
    if dirt.per_mille <= 0:
        return Plan(first_day, {}, {}, late)
    files = _odd_files(seed, feeds, nights, dirt)
    rows: Rows = defaultdict(list)
    for feed in feeds:
        odd = {night for name, night in files if name == feed.name}
        _bad_rows(seed, feed, nights, dirt, odd, rows)
        if feed.name == "order_lines":
            follow_orphans(feed, len(nights), odd, rows)
    return Plan(first_day, dict(rows), files, late)


def _odd_files(seed: int, feeds: list[Feed], nights: range, dirt: Dirt) -> Files:
    """Which files are odd, one kind at most each; those with too few rows to show it are not."""
    sizes = {feed.name: np.bincount(feed.night, minlength=len(nights)) for feed in feeds}
    files: Files = {}
    for odd in ODD_FILES:
        if odd.make is None or not wants(dirt, odd.kind):
            continue
        draw = uniforms(seed, f"odd file {odd.kind}", np.arange(nights.start, nights.stop))
        hit = (draw < dirt.odd_file_share) & (sizes[odd.feed] >= odd.least_rows)
        for night in np.flatnonzero(hit).tolist():
            files.setdefault((odd.feed, night), odd)
    return files


def _bad_rows(seed: int, feed: Feed, nights: range, dirt: Dirt, odd: set[int], rows: Rows) -> None:
    """Each row with the same chance, no more a night than the delivery's limit allows."""
    kinds = [mishap for mishap in mishaps_of(feed.name) if wants(dirt, mishap.kind)]
    if not kinds or not len(feed.rows):
        return
    sizes = np.bincount(feed.night, minlength=len(nights))
    starts = np.cumsum(sizes) - sizes
    place = np.arange(len(feed.night)) - starts[feed.night]
    key = nights.start + feed.night
    hit = uniforms(seed, f"bad row of {feed.name}", key, place) < dirt.per_mille / 1000
    hit &= ~np.isin(feed.night, sorted(odd))
    before: np.ndarray = np.cumsum(hit) - hit
    nth: np.ndarray = before - before[starts[feed.night]]
    hit &= nth < np.minimum(most_bad_rows(sizes[feed.night]), _NUMBERS_A_NIGHT)
    draw = uniforms(seed, f"kind of bad row of {feed.name}", key, place)
    kind = (draw * len(kinds)).astype(np.int64)
    for row in np.flatnonzero(hit).tolist():
        number = int(key[row]) * _NUMBERS_A_NIGHT + int(nth[row])
        rows[feed.name, int(feed.night[row])].append((int(place[row]), number, kinds[kind[row]]))
