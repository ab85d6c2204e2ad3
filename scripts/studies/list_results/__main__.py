"""`python -m studies.list_results [LISTS [RUNS]]` writes docs/studies/list-results.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from regulars.results.announced import verdict_of
from regulars.results.assigned import Assigned
from regulars.results.effect import Effect, effect_of
from studies.list_results.estimators import ESTIMATORS, RESAMPLES
from studies.list_results.outcome_worlds import WORLDS, World, drawn, true_lift

LISTS = 2_000
RUNS, LOOKS, A_WEEK = 200, 20, 100  # programmes, weekly looks, households a week
PAGE = Path(__file__).resolve().parents[3] / "docs" / "studies" / "list-results.md"
NOMINAL = (0.93, 0.97)


def measured(world: World, lists: int) -> dict[str, tuple[float, float]]:
    """By estimator its cover and mean width, on the same lists."""
    truth = true_lift(world)
    found = {name: np.zeros((lists, 2)) for name in ESTIMATORS}
    for number in range(lists):
        rng = np.random.default_rng([2026, number])
        one = drawn(world, rng)
        for name, estimator in ESTIMATORS.items():
            low, high = estimator(one, rng)
            found[name][number] = (low <= truth <= high, high - low)
    return {name: (float(v[:, 0].mean()), float(v[:, 1].mean())) for name, v in found.items()}


def announced(world: World, runs: int) -> tuple[float, float, float]:
    """Shares of programmes that are ever called a gain, ever a harm, and whose 95% interval of a
    single look ever leaves out zero; looked at every week."""
    seen = np.array([list(_looks(world, run)) for run in range(runs)])
    gain, harm, naive = seen.any(axis=1).mean(axis=0)
    return float(gain), float(harm), float(naive)


def _looks(world: World, run: int) -> Iterator[tuple[bool, bool, bool]]:
    whole = World(world.name, world.change, world.tail, LOOKS * A_WEEK, world.held)
    everybody = drawn(whole, np.random.default_rng([2027, run]))
    for look in range(1, LOOKS + 1):
        so_far: Assigned = everybody.where(np.arange(look * A_WEEK))
        effect = effect_of(so_far, seed=look, resamples=199)
        verdict = verdict_of(effect)
        yield verdict == "gain", verdict == "harm", _leaves_out_zero(effect)


def _leaves_out_zero(effect: Effect | None) -> bool:
    if effect is None or effect.low is None or effect.high is None:
        return False
    return not effect.low <= 0 <= effect.high


def page(lists: int, runs: int) -> str:
    """The report as measured."""
    lines = [
        "# Do the intervals of `list_results` cover?",
        "",
        PAGE.read_text(encoding="utf-8").split("\n\n")[1],  # what was found, in a person's words
        "",
        f"{lists:,} made-up lists a row: 2,000 households, one in ten held, four strata, margins"
        " with a mass at zero and a log-normal tail (sigma 1.0; heavier: 1.4). The same lists"
        f" for every estimator; {RESAMPLES} resamples. A cover is known to "
        f"±{200 * (0.95 * 0.05 / lists) ** 0.5:.1f} points.",
        "",
        "| world | true lift | estimator | cover | mean width |",
        "|---|---|---|---|---|",
    ]
    narrowest = []
    for world in WORLDS:
        found = measured(world, lists)
        lines += [
            f"| {world.name} | {true_lift(world):.2f} | {name} | {cover:.1%} | {width:.2f} |"
            for name, (cover, width) in found.items()
        ]
        usual = [
            (width, name)
            for name, (cover, width) in found.items()
            if name != "regulars" and NOMINAL[0] <= cover <= NOMINAL[1]
        ]
        width, name = min(usual, default=(np.nan, "none of them"))
        ratio = f"{found['regulars'][1] / width:.3f}" if usual else ""
        narrowest.append(f"| {world.name} | {name} | {ratio} |")
    lines += [
        "",
        "Width beside the narrowest of the others that cover 93 to 97%:",
        "",
        "| world | narrowest | ours ÷ its |",
        "|---|---|---|",
        *narrowest,
        "",
        "## Looking every week",
        "",
        f"{runs} programmes of {LOOKS} weeks, {A_WEEK} households a week, looked at every week and"
        " stopped at the first verdict. What is announced is the confidence sequence"
        " (`results/announced.py`); beside it, the 95% interval of a single look.",
        "",
        "| world | ever announced a gain | ever a harm | the single look ever leaves out zero |",
        "|---|---|---|---|",
    ]
    for world in (WORLDS[0], WORLDS[2], WORLDS[4]):
        gain, harm, naive = announced(world, runs)
        lines.append(f"| {world.name} | {gain:.1%} | {harm:.1%} | {naive:.1%} |")
    return "\n".join([*lines, "", "`make list-results` measures again.", ""])


if __name__ == "__main__":
    asked = [int(number) for number in sys.argv[1:]]
    lists, runs = (*asked, *(LISTS, RUNS)[len(asked) :])
    PAGE.write_text(page(lists, runs), encoding="utf-8")
