"""Pareto/NBD's integral against a far finer one, wherever its rules change."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.clv._dropout_integral import integral
from regulars.clv._quadrature import panels

UNIT, SHARES = panels(0.0, 1.0, 24)


def finer(alpha, beta, p, q, low, high) -> tuple[float, float, float]:
    """log A and the means of log(α+y) and 1/(β+y), by 384 nodes in log(min(α, β) + y)."""
    least = min(alpha, beta)
    growth = UNIT * np.log1p((high - low) / (least + low))
    y = low + (least + low) * np.expm1(growth)
    logs = growth - p * np.log(alpha + y) - q * np.log(beta + y) + np.log(least + low)
    values = np.exp(logs - logs.max()) * SHARES
    log_value = np.log(values.sum() * growth[-1] / UNIT[-1]) + logs.max()
    weights = values / values.sum()
    return log_value, np.sum(weights * np.log(alpha + y)), np.sum(weights / (beta + y))


@pytest.mark.parametrize("is_swapped", [False, True])
def test_every_rule_is_right_where_it_is_used(is_swapped) -> None:
    draw = np.random.default_rng(5)
    count = 400
    near = 10 ** draw.uniform(-1, 3, count)
    far = near * 10 ** draw.uniform(0, 3, count)
    alpha, beta = (far, near) if is_swapped else (near, far)
    low = draw.uniform(0, 300, count)
    high = low + (near + low) * np.expm1(draw.uniform(0.01, 4.5, count))
    p = 10 ** draw.uniform(-1, 1.3, count)  # from a rule of 8 nodes to one of 24
    for row in range(count):
        column = slice(row, row + 1)
        found = integral(alpha[column], beta[column], p[column], 1.6, low[column], high[column])
        expected = finer(alpha[row], beta[row], p[row], 1.6, low[row], high[row])
        got = found.log_value[0], found.log_alpha_y[0], found.inverse_beta_y[0]
        np.testing.assert_allclose(got, expected, rtol=2e-11, atol=2e-11)


def test_the_end_of_an_interval_of_no_length_is_minus_infinity() -> None:
    found = integral(10.0, 5.0, np.array([3.0]), 1.5, np.array([7.0]), np.array([7.0]))
    assert found.log_value[0] == -np.inf
    assert found.log_beta_y[0] == pytest.approx(np.log(12.0))
