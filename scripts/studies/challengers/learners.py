"""Challengers that learn from earlier windows how to put forecasts together.

All settings were chosen before anything was judged; there is no search among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import optimize
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from regulars.clv.histories import Floats
from regulars.clv.metrics import Forecast
from studies.challengers.forecasts import LEAST_MEAN, Counts, fitted_size, of_counts
from studies.challengers.windows import Window

SETTINGS = {
    "learning_rate": 0.05,
    "max_iter": 150,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 50,
    "l2_regularization": 1.0,
    "early_stopping": False,
    "random_state": 0,
}
FEATURES = ("frequency", "recency", "T", "monetary_value", "recent_purchases", "recent_value")
LEAST_CHANCE = 1e-4
ByRow = Callable[[Floats], Floats]  # a prediction per row of features


def features(window: Window) -> Floats:
    """What the models say, then recency, frequency and money; a row per customer."""
    past, histories = window.past, window.past.histories
    pareto = window.pareto.expected_purchases(histories, past.days)[past.row_of]
    alive = window.champion.probability_alive(histories)[past.row_of]
    known = [past.column(name) for name in FEATURES]
    since = past.column("T") - past.column("recency")
    spent = past.column("monetary_value") * (past.column("frequency") + 1)
    return np.column_stack([window.expected, pareto, alive, window.spend, *known, since, spent])


def blend(test: Window, earlier: Sequence[Window]) -> Forecast | None:
    """Weights ≥ 0 of the champion, Pareto/NBD and the plain rules, by least squares."""
    if not earlier:
        return None
    parts, came = _stack(earlier, _purchases), _stack(earlier, lambda w: w.past.column("actual"))
    weights = optimize.nnls(parts, came)[0]
    mean = np.maximum(_purchases(test) @ weights, LEAST_MEAN)
    size = fitted_size(came, np.maximum(parts @ weights, LEAST_MEAN))
    sums = _stack(earlier, lambda w: w.past.column("spend"))
    spend = _money(test) @ optimize.nnls(_stack(earlier, _money), sums)[0]
    chance = 1 - (1 + mean / size) ** -size
    return of_counts("blend", test, Counts(size, is_hurdle=False), mean, chance, spend)


def boosted(test: Window, earlier: Sequence[Window]) -> Forecast | None:
    """Gradient-boosted trees for purchases, for buying at all, and for spend."""
    if not earlier:
        return None
    known, came = _stack(earlier, features), _stack(earlier, lambda w: w.past.column("actual"))
    sums = _stack(earlier, lambda w: w.past.column("spend"))
    purchases = HistGradientBoostingRegressor(loss="poisson", **SETTINGS).fit(known, came)
    spend = HistGradientBoostingRegressor(loss="poisson", **SETTINGS).fit(known, sums)
    return _with_chance("boosted", test, known, came, purchases.predict, spend.predict)


def boosted_ratio(test: Window, earlier: Sequence[Window]) -> Forecast | None:
    """Trees for actual ÷ expected: a Poisson regression that starts from the champion."""
    if not earlier:
        return None
    known, came = _stack(earlier, features), _stack(earlier, lambda w: w.past.column("actual"))
    expected = np.maximum(_stack(earlier, lambda w: w.expected), LEAST_MEAN)
    ratio = HistGradientBoostingRegressor(loss="poisson", **SETTINGS).fit(
        known, came / expected, sample_weight=expected
    )

    def purchases(rows: Floats) -> Floats:
        return np.maximum(rows[:, 0], LEAST_MEAN) * ratio.predict(rows)

    def spend(rows: Floats) -> Floats:
        return purchases(rows) * rows[:, 3]

    return _with_chance("boosted_ratio", test, known, came, purchases, spend)


def _with_chance(
    name: str, test: Window, known: Floats, came: Floats, purchases: ByRow, spend: ByRow
) -> Forecast:
    """A hurdle distribution: the chance of buying by trees of its own, the size from the earlier
    windows.

    known, came  features and purchases of the earlier windows; purchases, spend: of any features
    """
    buying = HistGradientBoostingClassifier(**SETTINGS).fit(known, came > 0)

    def both(rows: Floats) -> tuple[Floats, Floats]:
        chance = np.clip(buying.predict_proba(rows)[:, 1], LEAST_CHANCE, 1 - LEAST_CHANCE)
        return np.maximum(purchases(rows), chance * (1 + LEAST_MEAN)), chance

    mean, chance = both(known)
    bought = came > 0
    size = fitted_size(came[bought] - 1, np.maximum(mean / chance - 1, LEAST_MEAN)[bought])
    mean, chance = both(features(test))
    counts = Counts(size, is_hurdle=True)
    return of_counts(name, test, counts, mean, chance, spend(features(test)))


def _purchases(window: Window) -> Floats:
    past, rules = window.past, window.rules
    pareto = window.pareto.expected_purchases(past.histories, past.days)[past.row_of]
    plain = [rules[name].expected for name in ("past_rate", "past_spend", "last_period")]
    return np.column_stack([window.expected, pareto, *plain])


def _money(window: Window) -> Floats:
    plain = [window.rules[name].spend for name in ("past_rate", "past_spend", "last_period")]
    return np.column_stack([window.expected * window.spend, *plain])


def _stack(windows: Sequence[Window], of: Callable[[Window], Floats]) -> Floats:
    return np.concatenate([of(window) for window in windows])
