"""Shifted beta-geometric, for contracts: Fader, Hardie (2007), How to Project Customer Retention,
Journal of Interactive Marketing 21(1).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from regulars.clv._contract_model import ContractModel
from regulars.clv.histories import Floats


class ShiftedBetaGeometric(ContractModel):
    """alpha, beta: everybody leaves at each renewal with a chance of their own, θ ~ Beta."""

    name: ClassVar[str] = "sbg"
    parameter_names: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    bounds: ClassVar = {"alpha": (1e-4, 1e4), "beta": (1e-4, 1e4)}

    def _clock(self, periods: Floats, values: Floats) -> tuple[Floats, Floats]:
        return periods, np.zeros_like(periods)
