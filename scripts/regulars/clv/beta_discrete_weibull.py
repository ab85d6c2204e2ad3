"""Beta-discrete-Weibull, for contracts: Fader, Hardie, Liu, Davin, Steenburgh (2018), "How to
Project Customer Retention" Revisited, Journal of Interactive Marketing 43. With c = 1 it is the
shifted beta-geometric.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from regulars.clv._contract_model import ContractModel
from regulars.clv.histories import Floats


class BetaDiscreteWeibull(ContractModel):
    """alpha, beta as in the shifted beta-geometric; c above 1: a customer's own chance of leaving
    rises with age, below 1: it falls."""

    name: ClassVar[str] = "bdw"
    parameter_names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "c")
    bounds: ClassVar = {"alpha": (1e-4, 1e4), "beta": (1e-4, 1e4), "c": (0.05, 10.0)}

    def _clock(self, periods: Floats, values: Floats) -> tuple[Floats, Floats]:
        age = periods ** values[2]
        return age, age * np.log(np.maximum(periods, 1.0))
