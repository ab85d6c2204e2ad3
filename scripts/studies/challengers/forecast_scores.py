"""Figures of a company over its origins, with errors from one bootstrap of its customers.

A replicate draws every customer's number anew (Poisson), the same at all origins and for all
forecasts: differences are paired, and origins that share customers are not taken for independent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from regulars.clv.histories import Floats
from regulars.clv.metrics import REPLICATES, SEED, Forecast, measures
from studies.challengers.forecasts import CHAMPION
from studies.challengers.windows import Window

REFERENCES = (CHAMPION, "past_spend")
# in per cent of the reference's; the other figures are compared as they are
RELATIVE = ("rmse", "mae", "crps")
PLAIN = ("spearman", "top_decile_spend_share", "calibration_slope")
Arrays = dict[str, dict[str, Floats]]


@dataclass(frozen=True)
class Scores:
    """By forecast and figure: value, and by reference (difference, its standard error).

    Figures: RELATIVE, PLAIN, abs_bias (mean over origins of |bias|), slope_off (of |slope − 1|).
    """

    company: str
    days: int
    origins: int
    customers: int
    values: dict[str, dict[str, float]]
    differences: dict[str, dict[str, dict[str, tuple[float, float]]]]

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Scores:
        return cls(**json.loads(path.read_text(encoding="utf-8")))


def weights(customers: int) -> Floats:
    """Row 0 counts each customer once, every other is a replicate; always the same ones."""
    drawn = np.random.default_rng(SEED).poisson(1.0, (REPLICATES, customers)).astype(np.float64)
    return np.concatenate([np.ones((1, customers)), drawn])


def measured(forecasts: Sequence[Forecast], window: Window, drawn: Floats) -> Arrays:
    """Each forecast's figures at one origin, an entry per row of `drawn`."""
    of_customers = drawn[:, window.who]
    metrics = measures(forecasts, window.outcomes, of_customers)
    return {
        each.name: _figures(of_forecast)
        for each, of_forecast in zip(forecasts, metrics, strict=True)
    }


def _figures(metrics: Mapping[str, Floats]) -> dict[str, Floats]:
    own = {name: metrics[name] for name in (*RELATIVE, *PLAIN)}
    return own | {
        "abs_bias": np.abs(metrics["bias"]),
        "slope_off": np.abs(metrics["calibration_slope"] - 1),
    }


def summed_up(name: str, days: int, origins: Sequence[Arrays], customers: int) -> Scores:
    """Means over the origins, for forecasts that were made at all of them."""
    names = [each for each in origins[0] if all(each in metrics for metrics in origins)]
    means = {
        each: {
            figure: np.mean([metrics[each][figure] for metrics in origins], axis=0)
            for figure in origins[0][each]
        }
        for each in names
    }
    return Scores(
        company=name,
        days=days,
        origins=len(origins),
        customers=customers,
        values={
            each: {figure: float(v[0]) for figure, v in own.items()} for each, own in means.items()
        },
        differences={
            each: {reference: _apart(own, means[reference]) for reference in REFERENCES}
            for each, own in means.items()
        },
    )


def _apart(
    own: Mapping[str, Floats], reference: Mapping[str, Floats]
) -> dict[str, tuple[float, float]]:
    differences = {}
    for figure, values in own.items():
        base = reference[figure]
        apart = values / base - 1 if figure in RELATIVE else values - base
        differences[figure] = (float(apart[0]), float(np.std(apart[1:])))
    return differences
