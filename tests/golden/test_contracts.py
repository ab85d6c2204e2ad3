"""Published numbers of the shifted beta-geometric: survival of two groups of subscribers.

FH07  Fader, Hardie (2007), How to Project Customer Retention: seven years of survival are fitted,
      five more projected.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.clv import ShiftedBetaGeometric
from tests.golden.test_cdnow import printed

HIGH_END = (86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1)
REGULAR = (63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1)


def subscribers(survival: tuple[float, ...]) -> pd.DataFrame:
    """A thousand of them: who ended in each year, and who is still there after the seventh."""
    shares = np.array([100.0, *survival])
    return pd.DataFrame(
        {
            "periods": [*range(1, 8), 7],
            "is_active": [False] * 7 + [True],
            "weight": 10 * np.append(-np.diff(shares), shares[-1]),
        }
    )


@pytest.mark.parametrize(
    ("survival", "alpha", "beta", "projected"),
    [
        (HIGH_END, ".6681", "3.8061", "46.0 43.6 41.4 39.5 37.8"),
        (REGULAR, ".7041", "1.1820", "22.0 20.4 19.1 18.0 17.0"),
    ],
    ids=["high end", "regular"],
)
def test_fit_and_projection_are_the_published_ones(survival, alpha, beta, projected) -> None:
    """FH07, tables 1 and 2, figure 5."""
    model = ShiftedBetaGeometric().fit(subscribers(survival))
    assert model.converged
    assert model.warnings == []
    printed(model.params["alpha"], alpha)
    printed(model.params["beta"], beta)
    years = 100 * model.survival(np.arange(8, 13))
    assert " ".join(f"{share:.1f}" for share in years) == projected


def test_residual_lifetime_is_the_published_one() -> None:
    """High End after seven years, about to renew, at 10% a year."""
    model = ShiftedBetaGeometric.from_params(alpha=0.6681, beta=3.8061)
    seven = pd.DataFrame({"periods": [7], "is_active": [True]})
    printed(model.discounted_expected_periods(seven, 0.10)[0], "7.530")
