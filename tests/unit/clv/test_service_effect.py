"""What bad service does to drop-out, estimated in companies whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.clv import ParetoNBD, WithCovariates
from regulars.sample_company import WORLDS
from tests.unit.clv.service_worlds import HOLDOUT_DAYS, histories_of

SERVICE_COSTS, HARMLESS = WORLDS["kettle_and_crane"], WORLDS["harmless_service"]
CUSTOMERS = 2000


# Each covariate on the rate as well, since heavy buyers have more cases, whatever these do.
FAIR = {"rate": ["case_first"], "dropout": ["case_first", "bad_first"]}
ALONE = {"rate": ["bad_first"], "dropout": ["bad_first"]}
UNFAIR = {"rate": ["bad_ever"], "dropout": ["bad_ever"]}


def effect(columns: dict[str, list[str]], histories: pd.DataFrame) -> tuple[WithCovariates, str]:
    """A fit, and its coefficient of bad service."""
    model = WithCovariates(ParetoNBD(), **columns).fit(histories)
    return model, f"dropout_{columns['dropout'][-1]}"


def judged(world, seed: int) -> dict[str, float]:
    """One world: where the truth lies, and what the covariate does for the hold-out."""
    histories = histories_of(world, seed, CUSTOMERS)
    truth = np.log(world.service.breach_hazard)
    found = {"badly_served": histories["bad_first"].sum()}
    for way, columns in (("fair", FAIR), ("alone", ALONE), ("unfair", UNFAIR)):
        model, name = effect(columns, histories)
        low, high = model.interval(name, 0.95)
        found |= {
            f"{way}_estimate": model.params[name],
            f"{way}_covered": low <= truth <= high,
            f"{way}_found": low > 0 or high < 0,
        }
        if way == "fair":
            found |= _gains(ParetoNBD().fit(histories), model, histories)
    return {key: float(value) for key, value in found.items()}


def _gains(plain: ParetoNBD, model: WithCovariates, histories: pd.DataFrame) -> dict[str, float]:
    """Brier score without the covariate less that with it: of all, and of the badly served."""
    truths = {
        "active": histories["is_active"].to_numpy(dtype=float),
        "buys": (histories["later_purchases"] > 0).to_numpy(dtype=float),
    }
    rows = histories["bad_first"].to_numpy()
    found = {}
    for name, happened in truths.items():
        chances = [
            each.probability_alive(histories)
            if name == "active"
            else each.purchase_probability(histories, HOLDOUT_DAYS)
            for each in (plain, model)
        ]
        for group, chosen in (("all", np.full(len(rows), True)), ("badly_served", rows)):
            without, with_it = (
                float(np.mean((chance[chosen] - happened[chosen]) ** 2)) for chance in chances
            )
            found[f"gain_{name}_{group}"] = without - with_it
    return found


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_over_200_worlds_the_effect_is_covered_and_none_is_seldom_found(capsys) -> None:
    worlds = {
        world.name: pd.DataFrame([judged(world, 1000 + seed) for seed in range(200)])
        for world in (SERVICE_COSTS, HARMLESS)
    }
    with capsys.disabled():
        for name, runs in worlds.items():
            shown = pd.DataFrame({"mean": runs.mean(), "±": runs.std() / np.sqrt(len(runs))})
            print(f"\n{name}\n{shown.to_string(float_format='%.5f')}")
    costs, harmless = worlds[SERVICE_COSTS.name], worlds[HARMLESS.name]
    assert costs["fair_covered"].mean() >= 0.90
    assert harmless["fair_found"].mean() <= 0.10
    gain = costs["gain_active_badly_served"]
    assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain))
    assert costs["gain_active_all"].mean() > 0


CHANNELS = {"shop": 0.10, "phone": 0.04}  # shares of the sample company's first orders
WITH_CHANNELS = {process: [*columns, *CHANNELS] for process, columns in FAIR.items()}


def channels_judged(seed: int) -> dict[str, float]:
    """One world in which the channel of the first order means nothing: is that found, and does the
    effect of bad service suffer from being asked together with it?"""
    histories = histories_of(SERVICE_COSTS, seed, CUSTOMERS)
    drawn = np.random.default_rng(seed).choice(
        [*CHANNELS, "web"], len(histories), p=[*CHANNELS.values(), 1 - sum(CHANNELS.values())]
    )
    for channel in CHANNELS:
        histories[channel] = drawn == channel
    model, _ = effect(WITH_CHANNELS, histories)
    names = [f"{process}_{channel}" for process in ("rate", "dropout") for channel in CHANNELS]
    truths = dict.fromkeys(names, 0.0)
    truths["dropout_bad_first"] = float(np.log(SERVICE_COSTS.service.breach_hazard))
    found = {}
    for name, truth in truths.items():
        low, high = model.interval(name, 0.95)
        found |= {f"{name}_covered": float(low <= truth <= high), name: model.params[name]}
    return found


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_over_200_worlds_a_channel_without_effect_is_seldom_found(capsys) -> None:
    runs = pd.DataFrame([channels_judged(1000 + seed) for seed in range(200)])
    with capsys.disabled():
        shown = pd.DataFrame({"mean": runs.mean(), "±": runs.std() / np.sqrt(len(runs))})
        print(f"\n{shown.to_string(float_format='%.3f')}")
    covered = [name for name in runs if name.endswith("_covered")]
    assert len(covered) == 5
    for name in covered:
        assert runs[name].mean() >= 0.90, name


def test_experience_that_only_survivors_can_have_looks_like_what_keeps_them() -> None:
    """Why the covariate is the first order's: with any bad case so far, the sign turns over."""
    histories = pd.concat([histories_of(SERVICE_COSTS, seed, CUSTOMERS) for seed in range(3)])
    fair, unfair = (
        model.params[name] for model, name in (effect(way, histories) for way in (FAIR, UNFAIR))
    )
    assert fair > 0.3
    assert unfair < 0
