"""What is known of a customer beside the history: covariates of the rate and of drop-out.

Fader, Hardie (2007), Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models,
brucehardie.com/notes/019. Customers with covariates z follow the plain model with a parameter of
their own:

  rate      α·e^(−γ'z): purchase rates λ are multiplied by e^(γ'z)
  dropout   Pareto/NBD: β·e^(−δ'z): hazards μ are multiplied by e^(δ'z)
            BG and MBG: a·e^(δ'z): the odds a/b of leaving are multiplied by e^(δ'z)
  staying   BG and MBG: b·e^(ε'z)

z counts from the lowest value that the fit saw (0 of a yes and no), so that neither the origin nor
the unit of a covariate moves a fit. With all coefficients at zero that is the plain model.
Customers alike in z share one plain model, which does all the computing: its cost follows the
number of different (z, history), so a covariate takes few values (yes and no, a channel, a band).
It must be known from the start of the history and not depend on its length: what only survivors
can experience looks like what keeps them.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from statistics import NormalDist
from typing import Concatenate, ParamSpec, Self

import numpy as np
import pandas as pd

from regulars.clv._fitted_model import Fitted, Surface, flatness, slope_left
from regulars.clv._maximum_likelihood import Assessment, Objective
from regulars.clv._purchase_model import PurchaseModel
from regulars.clv.histories import Floats, Histories, HistoryError, column, compressed, read
from regulars.clv.regular_mbg import RegularModifiedBetaGeometric

P = ParamSpec("P")

_ORIGIN = "origin_"
_LARGEST_EFFECT = 12.0  # of a covariate over its range, in logarithms


@dataclass(frozen=True)
class Alike:
    """Customers with the same covariates z (in the order of the columns) and their histories."""

    z: Floats
    histories: Histories


@dataclass(frozen=True)
class Effect:
    """One coefficient: the plain parameter at `index` is multiplied by e^(sign·coefficient·z)."""

    name: str
    column: int
    index: int
    sign: int


def _of_each(
    question: Callable[Concatenate[PurchaseModel, pd.DataFrame, P], Floats],
) -> Callable[Concatenate[WithCovariates, pd.DataFrame, P], Floats]:
    """A question about histories, answered by the plain models of customers alike."""

    @wraps(question, updated=())  # name and words, but not that a question is abstract
    def answers(
        self: WithCovariates, histories: pd.DataFrame, *args: P.args, **kwargs: P.kwargs
    ) -> Floats:
        return self._each(question.__name__, histories, *args, **kwargs)

    return answers


class WithCovariates(Fitted[list[Alike]]):
    """`WithCovariates(ParetoNBD(), dropout=["bad_start"]).fit(histories)`.

    Covariates are columns of the histories, named for each process they act on: rate, dropout, and
    for the BG family staying. `params` holds the plain parameters of customers whose covariates
    all stand at their `origins`, then a coefficient per process and column, named
    `dropout_bad_start`. Origins are the lowest values that a fit saw; 0 before one.

    Questions about histories are the plain model's; those about new customers, and `simulate`, go
    to the plain model of given covariates: `model.at(bad_start=1).expected_purchases_new(365)`.
    """

    def __init__(self, plain: PurchaseModel, **columns: Sequence[str]) -> None:
        super().__init__()
        if isinstance(plain, RegularModifiedBetaGeometric) and plain.k is None:
            raise ValueError(f"give k: with covariates {plain.name} looks for no rhythm")
        self.plain = plain
        for process in columns:
            if process not in plain.effects:
                raise ValueError(f"{plain.name} has no '{process}': {', '.join(plain.effects)}")
        named = [(process, name) for process, names in columns.items() for name in names]
        if not named or len(set(named)) < len(named):
            raise ValueError("name each covariate once for each process it acts on, at least one")
        self.columns = tuple(dict.fromkeys(name for _, name in named))
        self.origins = dict.fromkeys(self.columns, 0.0)
        self._effects = [self._effect(process, name) for process, name in named]

    def _effect(self, process: str, name: str) -> Effect:
        parameter, sign = self.plain.effects[process]
        index = self.plain.parameter_names.index(parameter)
        return Effect(f"{process}_{name}", self.columns.index(name), index, sign)

    @property
    def name(self) -> str:
        return f"{self.plain.name}_with_covariates"

    @property
    def chosen(self) -> dict[str, float]:
        """Origins, but for those at zero."""
        return {_ORIGIN + name: origin for name, origin in self.origins.items() if origin != 0}

    def with_params(self, **params: float) -> Self:
        """The same model with given parameters, without a fit; coefficients have either sign.

        Takes `stored_params`: covariates have their origin at zero where none is given.
        """
        origins = {name: params.pop(_ORIGIN + name, 0.0) for name in self.columns}
        coefficients = [effect.name for effect in self._effects]
        of_plain = {name: value for name, value in params.items() if name not in coefficients}
        checked = type(self.plain).from_params(**self.plain.chosen, **of_plain).params
        missing = [name for name in coefficients if not math.isfinite(params.get(name, math.nan))]
        if missing:
            raise ValueError(f"{missing[0]} is missing or not finite")
        model = copy.copy(self)
        model.origins = origins
        model._params = checked | {name: float(params[name]) for name in coefficients}
        return model

    # ---------- fit

    def _read(self, frame: pd.DataFrame) -> list[Alike]:
        histories = read(frame)
        return [Alike(z, compressed(histories.rows(rows))) for z, rows in self._split(frame)]

    def _split(self, frame: pd.DataFrame) -> list[tuple[Floats, np.ndarray]]:
        """Distinct z in order, and the rows that have it."""
        if len(frame) == 0:
            raise HistoryError("there are no histories: nothing can be said of them")
        z = np.column_stack([column(frame, name) for name in self.columns])
        values, at = np.unique(z, axis=0, return_inverse=True)
        order = np.argsort(at.ravel(), kind="stable")
        ends = np.cumsum(np.bincount(at.ravel()))
        return list(zip(values, np.split(order, ends[:-1]), strict=True))

    def _customers(self, data: list[Alike]) -> float:
        return sum(alike.histories.customers for alike in data)

    def fit_distinct(self, data: list[Alike]) -> Self:
        lowest = np.min([alike.z for alike in data], axis=0)
        self.origins = dict(zip(self.columns, lowest.tolist(), strict=True))
        return super().fit_distinct(data)

    def _surface(self, data: list[Alike]) -> Surface:
        """The plain model's surface, and a coordinate per coefficient in units of 1 ÷ range of z;
        of a covariate that all share, 1."""
        plain = self.plain._surface(_everybody(data))
        ranges = np.ptp([alike.z for alike in data], axis=0)
        reach = [float(ranges[effect.column]) or 1.0 for effect in self._effects]
        count = len(reach)
        unit = np.concatenate([plain.unit, 1 / np.array(reach)])
        return Surface(
            objective=self._objective(data, unit),
            names=(*plain.names, *(effect.name for effect in self._effects)),
            unit=unit,
            is_log=np.concatenate([plain.is_log, np.zeros(count, dtype=bool)]),
            bounds=np.concatenate([plain.bounds, [[-_LARGEST_EFFECT, _LARGEST_EFFECT]] * count]),
            start=np.concatenate([plain.start, np.zeros(count)]),
        )

    def _objective(self, data: list[Alike], unit: Floats) -> Objective:
        """Sums over customers alike of the plain model's likelihood, gradient by the chain rule."""
        prepared = [self.plain._prepare(alike.histories) for alike in data]
        total, count = self._customers(data), len(self.plain.parameter_names)
        slopes = [self._slopes(alike.z) for alike in data]

        def objective(theta: Floats) -> tuple[float, Floats]:
            logs, coefficients = theta[:count], theta[count:] * unit[count:]
            values, gradients = [], []
            for each, slope in zip(prepared, slopes, strict=True):
                params = unit[:count] * np.exp(logs + np.sum(slope * coefficients, axis=1))
                value, by_param = self.plain._log_likelihood(each, params)
                by_log = by_param * params
                by_coefficient = np.sum(slope * by_log[:, None], axis=0) * unit[count:]
                values.append(value)
                gradients.append(np.concatenate([by_log, by_coefficient]))
            return sum(values) / total, np.sum(gradients, axis=0) / total

        return objective

    def _slopes(self, z: Floats) -> Floats:
        """Slope of each plain log-parameter by each coefficient."""
        slopes = np.zeros((len(self.plain.parameter_names), len(self._effects)))
        z = z - np.array(list(self.origins.values()))
        for number, effect in enumerate(self._effects):
            slopes[effect.index, number] = effect.sign * z[effect.column]
        return slopes

    def _explain(self, assessment: Assessment, data: list[Alike]) -> list[str]:
        count = len(self.plain.parameter_names)
        of_plain = replace(
            assessment, at_lower=assessment.at_lower[:count], at_upper=assessment.at_upper[:count]
        )
        words = self.plain._explain_bounds(of_plain, _everybody(data))
        for effect, low, high in zip(
            self._effects, assessment.at_lower[count:], assessment.at_upper[count:], strict=True
        ):
            if low or high:
                words.append(f"{effect.name} is not identified: it ran to its bound")
        return words + slope_left(assessment) + flatness(assessment)

    def interval(self, name: str, level: float = 0.95) -> tuple[float, float]:
        """Coefficient ± z·standard error; the whole line for one that the data do not pin down."""
        if name not in [effect.name for effect in self._effects]:
            raise ValueError(f"'{name}' is no coefficient of this model")
        error = self.standard_errors[name]
        if error is None:
            return -math.inf, math.inf
        reach = NormalDist().inv_cdf((1 + level) / 2) * error
        return self.params[name] - reach, self.params[name] + reach

    # ---------- questions

    def at(self, **z: float) -> PurchaseModel:
        """The plain model of customers with these covariates, those not named at their origin."""
        unknown = set(z) - set(self.columns)
        if unknown:
            raise ValueError(f"'{min(unknown)}' is no covariate of this model")
        return self._at(np.array([z.get(name, self.origins[name]) for name in self.columns]))

    def _at(self, z: Floats) -> PurchaseModel:
        params = self.params
        coefficients = np.array([params[effect.name] for effect in self._effects])
        factors = np.exp(np.sum(self._slopes(z) * coefficients, axis=1))
        model = copy.copy(self.plain)
        model._params = {
            name: params[name] * float(factor)
            for name, factor in zip(self.plain.parameter_names, factors, strict=True)
        }
        return model

    def _each(self, question: str, frame: pd.DataFrame, *args: object, **kwargs: object) -> Floats:
        """The answers of the plain models of customers alike, a row per history."""
        parts = [
            (rows, getattr(self._at(z), question)(frame.iloc[rows], *args, **kwargs))
            for z, rows in self._split(frame)
        ]
        values = np.empty((len(frame), *parts[0][1].shape[1:]))
        for rows, answers in parts:
            values[rows] = answers
        return values

    probability_alive = _of_each(PurchaseModel.probability_alive)
    expected_purchases = _of_each(PurchaseModel.expected_purchases)
    expected_purchases_if_active = _of_each(PurchaseModel.expected_purchases_if_active)
    expected_purchases_if_kept = _of_each(PurchaseModel.expected_purchases_if_kept)
    purchase_probability = _of_each(PurchaseModel.purchase_probability)
    discounted_expected_purchases = _of_each(PurchaseModel.discounted_expected_purchases)
    predictive_counts = _of_each(PurchaseModel.predictive_counts)


def _everybody(data: list[Alike]) -> Histories:
    """The histories of all, without their covariates."""
    parts = [alike.histories for alike in data]
    return compressed(
        Histories(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in ("frequency", "recency", "age", "weight")
            )
        )
    )
