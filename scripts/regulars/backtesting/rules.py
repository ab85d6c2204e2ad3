"""Plain rules that anybody could use: no model may be believed that does not beat them."""

from __future__ import annotations

import numpy as np

from regulars.backtesting.past import Past
from regulars.clv.accuracy import past_rate
from regulars.clv.histories import Floats, read
from regulars.clv.metrics import Forecast
from regulars.clv.sales_distribution import of_everybody

RULES = ("all_zero", "past_rate", "past_spend", "last_period")


def forecasts(past: Past) -> list[Forecast]:
    """What each rule says, in the order of RULES.

    all_zero     nobody returns
    past_rate    x/T goes on, at the customer's mean spend per purchase day
    past_spend   everybody's past rates together, shared out by what each has spent so far
    last_period  the purchases of as many days before the origin come again

    The chance of buying is Poisson's; the last period says yes or no, past spend nothing. The last
    period also has a distribution of net sales: everybody's, what anybody may have spent in it.
    """
    weight, mean = past.column("weight"), past.column("monetary_value")
    rate = past_rate(read(past.cells), past.days)
    spent = mean * (past.column("frequency") + 1)
    zero = np.zeros(len(rate))
    recent, value = past.column("recent_purchases"), past.column("recent_value")
    spent_then = of_everybody(value, weight, past.column("spend")[past.is_scored])
    return [
        Forecast("all_zero", zero, zero, zero),
        Forecast("past_rate", rate, rate * mean, -np.expm1(-rate)),
        Forecast("past_spend", _shared_out(rate, spent, weight), spent),
        Forecast("last_period", recent, value, np.minimum(recent, 1.0), sales=spent_then),
    ]


def _shared_out(rate: Floats, spent: Floats, weight: Floats) -> Floats:
    total = np.sum(weight * spent)
    return spent * (np.sum(weight * rate) / total) if total > 0 else rate
