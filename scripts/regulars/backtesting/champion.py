"""Which model scores the night: a rule, written so that it can be argued with.

1. Candidates are models that can say of everybody, one-time buyers included, that they may have
   left: MBG/NBD, Pareto/NBD and MBG/CNBD-k. BG/NBD and NBD are judged beside them and never
   chosen: with them `probability_alive` of a one-time buyer is 1, and no list could use it.
2. A candidate is sound when, in the mean over the origins, its calibration slope does not lie
   outside SLOPE by more than STANDARD_ERRORS of its error, its bias is within BIAS_SLACK of the
   candidate with the least (a season biases them all), and its CRPS and RMSE are below those of
   every plain rule.
3. The incumbent is the champion of the last published night; before there is one, MBG/NBD.
4. A sound incumbent stays unless the sound challenger with the lowest CRPS is better by more than
   STANDARD_ERRORS of the paired difference and by LEAST_GAIN of the incumbent's CRPS: a change
   moves every customer's value. The error of a mean over origins is taken to be the mean of their
   errors, as if they were the same customers; it is at most that.
5. An incumbent that is not sound, or was not judged, gives way to the best sound challenger. Where
   nobody is sound the incumbent stays, and it is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from regulars.backtesting.candidates import DEFAULT
from regulars.backtesting.names import MODEL_NAMES as NAMES
from regulars.backtesting.rules import RULES
from regulars.clv import ModifiedBetaGeometric, ParetoNBD, RegularModifiedBetaGeometric
from regulars.clv.metrics import Metric

ELIGIBLE = (ModifiedBetaGeometric.name, ParetoNBD.name, RegularModifiedBetaGeometric.name)
SLOPE = (0.80, 1.25)
BIAS_SLACK = 0.10
STANDARD_ERRORS = 2.0
LEAST_GAIN = 0.01


@dataclass(frozen=True)
class Choice:
    """The champion and why, in a sentence."""

    model: str
    reason: str


@dataclass(frozen=True)
class _Means:
    """Means over origins of values and their standard errors, by (name, metric), and of gains:
    CRPS less the incumbent's, and its error."""

    value: Mapping[tuple[str, str], float]
    error: Mapping[tuple[str, str], float]
    gain: Mapping[str, tuple[float, float]]

    def of(self, name: str, metric: str) -> float | None:
        return self.value.get((name, metric))


def choose(origins: Sequence[Sequence[Metric]], incumbent: str | None) -> Choice:
    """The champion by the rule above. `judged`: the metrics of each origin, with differences from
    the incumbent (from DEFAULT where there is none)."""
    present = incumbent or DEFAULT
    if not origins:
        return Choice(present, f"{NAMES[present]} without a backtest to judge it by")
    means = _means(origins)
    unsound = {name: words for name in ELIGIBLE if (words := _objection(means, name))}
    sound = [name for name in ELIGIBLE if name not in unsound]
    over = f"over {len(origins)} origin{'s' if len(origins) > 1 else ''}"
    if not sound:
        words = f"stays: no model is sound {over}: {unsound[present]}"
        return Choice(present, f"{NAMES[present]} {words}")
    best = min(sound, key=lambda name: (_crps(means, name), ELIGIBLE.index(name)))
    if present in unsound:
        words = f"replaces {NAMES[present]}, which is not sound {over}: {unsound[present]}"
        return Choice(best, f"{NAMES[best]} {words}")
    return _against_incumbent(means, present, best, over)


def _against_incumbent(means: _Means, present: str, best: str, over: str) -> Choice:
    stays = f"{NAMES[present]} stays with a CRPS of {_crps(means, present):.4f} {over}"
    if best == present:
        return Choice(present, f"{stays}, the lowest of the sound models")
    gain, error = means.gain.get(best, (0.0, 0.0))
    words = f"{NAMES[best]} has {_crps(means, best):.4f}, a difference of {gain:.4f} ± {error:.4f}"
    if gain >= -STANDARD_ERRORS * error:
        return Choice(present, f"{stays}: {words}, within the error")
    if gain >= -LEAST_GAIN * _crps(means, present):
        return Choice(present, f"{stays}: {words}, too small a gain for a change")
    return Choice(best, f"{NAMES[best]} replaces {NAMES[present]}: {words} {over}")


def _objection(means: _Means, name: str) -> str | None:
    """Why the model is not sound; None when it is."""
    slope, bias = means.of(name, "calibration_slope"), means.of(name, "bias")
    if slope is None or bias is None or means.of(name, "crps") is None:
        return "it could not be judged"
    doubt = STANDARD_ERRORS * means.error.get((name, "calibration_slope"), 0.0)
    if not SLOPE[0] - doubt <= slope <= SLOPE[1] + doubt:
        return f"its calibration slope is {slope:.2f}"
    least = min(
        abs(other_bias) for other in ELIGIBLE if (other_bias := means.of(other, "bias")) is not None
    )
    if abs(bias) > least + BIAS_SLACK:
        return f"its total is off by {bias:+.0%}, another model's by {least:.0%}"
    for metric in ("crps", "rmse"):
        own = means.value[name, metric]
        better = [rule for rule in RULES if means.value.get((rule, metric), own + 1) <= own]
        if better:
            return f"the plain rule {better[0].replace('_', ' ')} has the lower {metric.upper()}"
    return None


def _crps(means: _Means, name: str) -> float:
    return means.value[name, "crps"]


def _means(origins: Sequence[Sequence[Metric]]) -> _Means:
    """Of what is there at every origin; rounded as stored, so that a log and a rebuild agree."""
    every = [each for metrics in origins for each in metrics]
    value, error = _Lists(), _Lists()
    by, by_error = _Lists(), _Lists()
    for each in every:
        key = (each.name, each.metric)
        value.add(key, each.value)
        error.add(key, each.standard_error)
        by.add(key, each.difference)
        by_error.add(key, each.difference_error)
    count = len(origins)
    gains, doubts = by.means(count), by_error.means(count)
    return _Means(
        value.means(count),
        error.means(count),
        {
            name: (gain, doubts[name, metric])
            for (name, metric), gain in gains.items()
            if metric == "crps" and (name, metric) in doubts
        },
    )


class _Lists(dict[tuple[str, str], list[float]]):
    """Figures by (name, metric)."""

    def add(self, key: tuple[str, str], figure: float | None) -> None:
        if figure is not None:
            self.setdefault(key, []).append(figure)

    def means(self, count: int) -> dict[tuple[str, str], float]:
        """Of those that are there `count` times."""
        return {key: _mean(values) for key, values in self.items() if len(values) == count}


def _mean(values: Iterable[float]) -> float:
    known = [round(value, 6) for value in values]
    return sum(known) / len(known)
