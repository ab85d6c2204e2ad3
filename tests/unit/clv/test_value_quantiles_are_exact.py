"""Quantiles of spend and value lie within half a percent of the exact distribution's.

The reference adds up beta-prime distributions over every count one by one and solves by bisection:
no lattice, no groups of counts, no levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special

from regulars.clv import (
    GammaGamma,
    ModifiedBetaGeometric,
    ParetoNBD,
    PurchaseModel,
    RegularModifiedBetaGeometric,
)
from regulars.clv.histories import Floats
from regulars.clv.value_distribution import GIVEN_PURCHASE, value_quantiles
from regulars.value_knots import KNOTS

WITHIN = 0.005
MODELS = (
    ModifiedBetaGeometric.from_params(r=0.6, alpha=30, a=0.5, b=2.5),
    ParetoNBD.from_params(r=0.55, alpha=74, s=0.6, beta=81),
    RegularModifiedBetaGeometric.from_params(k=3, r=0.5, alpha=25, a=0.9, b=3.0),
)
SPENDS = (
    GammaGamma.from_params(p=4.0, q=3.5, gamma=20.0),
    GammaGamma.from_params(p=20.0, q=15.0, gamma=20.0),
)
# none on the lattice's points, young and old together, up to a thousand orders
HISTORIES = pd.DataFrame(
    [
        (0, 0, 3),
        (0, 0, 400),
        (1, 300, 700),
        (7, 500, 511),
        (23, 300, 365),
        (77, 900, 937),
        (130, 350, 365),
        (500, 364, 365),
        (1000, 1500, 1800),
    ],
    columns=["frequency", "recency", "T"],
).astype(float)
# of those with up to a hundred orders so far, and with more
MOST_ORDERS = {7: (100, 400), 365: (600, 2500), 1826: (2000, 4000)}


@dataclass(frozen=True)
class Exact:
    """Of one history: the chances of 1, 2 … orders, given one; S/E given N is beta-prime."""

    chances: Floats
    bought: float
    p: float
    shape: float

    @classmethod
    def of(cls, model: PurchaseModel, spend: GammaGamma, history: pd.DataFrame, days: int) -> Exact:
        most = MOST_ORDERS[days][int(history["frequency"].iloc[0] > 100)]
        law = model.predictive_counts(history, days, most)[0]
        assert law.sum() == pytest.approx(1, abs=1e-9), "more orders than are added up"
        p, q, _ = spend.params.values()
        bought = law[1:].sum()
        chances = np.trim_zeros(np.where(law[1:] > 1e-13 * bought, law[1:], 0.0) / bought, "b")
        return cls(chances, bought, p, q + p * (history["frequency"].iloc[0] + 1))

    def reached(self, value: float, share: float) -> float:
        counts = np.arange(1.0, len(self.chances) + 1)
        ratio = np.maximum((value + share * counts) / (1 - share), 0) * self.p / (self.shape - 1)
        below = special.betainc(self.p * counts, self.shape, ratio / (1 + ratio))
        return float(self.chances @ below)

    def quantile(self, share: float, level: float) -> float:
        most = float(len(self.chances))
        return float(
            optimize.brentq(
                lambda value: self.reached(value, share) - level, -most, 20 * most, xtol=1e-7
            )
        )


@pytest.mark.parametrize("days", MOST_ORDERS)
@pytest.mark.parametrize("spend", SPENDS, ids=["wide", "narrow"])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_quantiles_lie_within_half_a_percent(
    model: PurchaseModel, spend: GammaGamma, days: int
) -> None:
    """Of spend: of the quantile itself. Of value at costs near the margin, where it is all but
    nothing: of the P90 of what the goods leave."""
    found = value_quantiles(model, spend, HISTORIES, days)
    for row in range(len(HISTORIES)):
        exact = Exact.of(model, spend, HISTORIES.iloc[[row]], days)
        levels = {
            name: (found.given_purchase[name], level) for name, level in GIVEN_PURCHASE.items()
        }
        if exact.bought > 0.1:
            levels["of all"] = (found.p90, 1 - 0.1 / exact.bought)
        goods = exact.quantile(0.0, 0.9)
        for values, level in levels.values():
            spent = exact.quantile(0.0, level)
            assert values[row, 0] == pytest.approx(spent, rel=WITHIN)
            for knot in (2, 4):  # costs of 56 and 100% of the margin
                left = exact.quantile(KNOTS[knot], level)
                if values is found.p90:
                    left, said = max(left, 0.0), max(values[row, knot], 0.0)
                else:
                    said = values[row, knot]
                assert said == pytest.approx(left, abs=WITHIN * (1 - KNOTS[knot]) * goods)
