"""What a model that is fitted by maximum likelihood is, whatever it is fitted on."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
import pandas as pd

from regulars.clv._maximum_likelihood import Assessment, Objective, assess, maximise, rounded
from regulars.clv.histories import Floats

Data = TypeVar("Data")

_DIGITS_OF_A_PRODUCT = 12  # more than are stored of its factors
SAMPLE = 4000  # customers that a fit on many is drafted on


class NotFitted(RuntimeError):
    """A question to a model that has no parameters yet."""


@dataclass(frozen=True)
class Surface:
    """A likelihood to climb, a coordinate per parameter.

    objective  log-likelihood per customer and its gradient by the coordinates
    names      of the parameters
    unit       in which each is measured, so that one start serves all data
    is_log     whether its coordinate is the logarithm of the parameter (else the parameter)
    bounds     of the coordinates, shape (k, 2)
    start      where a climb begins
    """

    objective: Objective
    names: tuple[str, ...]
    unit: Floats
    is_log: np.ndarray
    bounds: Floats
    start: Floats

    def params(self, theta: Floats) -> dict[str, float]:
        """The parameters at `theta`."""
        values = self.unit * np.where(self.is_log, np.exp(np.where(self.is_log, theta, 0)), theta)
        return dict(zip(self.names, values.tolist(), strict=True))

    def stored(self, theta: Floats) -> dict[str, float]:
        """The parameters as they are stored: rounded, a coefficient as its effect over the range
        of its covariate, so that a unit costs no digits."""
        scale = np.where(self.is_log, 1.0, self.unit)
        values = zip(self.params(theta).items(), scale.tolist(), strict=True)
        effects = rounded({name: value / unit for (name, value), unit in values})
        return {
            name: float(f"{effect * unit:.{_DIGITS_OF_A_PRODUCT - 1}e}")
            for (name, effect), unit in zip(effects.items(), scale.tolist(), strict=True)
        }

    def theta(self, params: Mapping[str, float]) -> Floats:
        """The coordinates of `params`."""
        values = np.array([params[name] for name in self.names]) / self.unit
        return np.where(self.is_log, np.log(np.where(self.is_log, values, 1.0)), values)

    def standard_errors(self, assessment: Assessment, theta: Floats) -> dict[str, float | None]:
        """For a logarithm θ·se(log θ), which is exact where the slope is zero."""
        if assessment.covariance is None:
            return dict.fromkeys(self.names)
        slopes = self.unit * np.where(self.is_log, np.exp(np.where(self.is_log, theta, 0)), 1.0)
        errors = slopes * np.sqrt(np.diag(assessment.covariance))
        return {
            name: float(error) if error >= 0 else None
            for name, error in zip(self.names, errors, strict=True)
        }


class Estimates:
    """Parameters, how they were found and how far they are to be trusted."""

    def __init__(self) -> None:
        self._params: dict[str, float] | None = None
        self._standard_errors: dict[str, float | None] | None = None
        self.log_likelihood: float | None = None
        self.converged: bool | None = None
        self.warnings: list[str] = []

    def _adopt(self, other: Estimates) -> Self:
        """Take the estimates of another fit for one's own; returns self."""
        self._params, self._standard_errors = other._params, other._standard_errors
        self.log_likelihood, self.converged = other.log_likelihood, other.converged
        self.warnings = other.warnings
        return self

    @property
    def params(self) -> dict[str, float]:
        if self._params is None:
            raise NotFitted(f"{type(self).__name__} has no parameters: fit it first")
        return dict(self._params)

    @property
    def chosen(self) -> dict[str, float]:
        """What a model is made with beside the parameters of its likelihood."""
        return {}

    @property
    def stored_params(self) -> dict[str, float]:
        """Everything from which `from_params` makes the model again: chosen, then params."""
        return self.chosen | self.params

    @property
    def standard_errors(self) -> dict[str, float | None]:
        """From the Hessian at the maximum; None for one the data do not pin down.

        They state the curvature of the likelihood only and are too small when it is skewed.
        """
        if self._standard_errors is None:
            raise NotFitted(f"{type(self).__name__} was not fitted: no standard errors")
        return dict(self._standard_errors)


class NamedEstimates(Estimates):
    """Parameters that are all positive, with the papers' names."""

    name: ClassVar[str]
    parameter_names: ClassVar[tuple[str, ...]]

    @classmethod
    def from_params(cls, **params: float) -> Self:
        """A model with given parameters, without a fit. All must be positive and finite."""
        if set(params) != set(cls.parameter_names):
            raise ValueError(f"{cls.__name__} takes {', '.join(cls.parameter_names)}")
        for name, value in params.items():
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{cls.__name__}: {name} = {value} is not positive and finite")
        model = cls()
        model._params = {name: float(params[name]) for name in cls.parameter_names}
        return model


class Fitted(Estimates, ABC, Generic[Data]):
    """Estimates at the maximum of one likelihood."""

    # ---------- what a model supplies

    @abstractmethod
    def _read(self, frame: pd.DataFrame) -> Data:
        """Checked data, distinct and in key order; HistoryError when they cannot be used."""

    @abstractmethod
    def _customers(self, data: Data) -> float:
        """How many customers the data are of."""

    @abstractmethod
    def _surface(self, data: Data) -> Surface:
        """The likelihood of the data."""

    @abstractmethod
    def _explain(self, assessment: Assessment, data: Data) -> list[str]:
        """What is weak about the parameters, in plain words."""

    def _draft(self, data: Data, unit: Floats) -> Objective | None:
        """The objective of a sample in these units, to draft a fit on; None if not worth it."""
        return None

    # ---------- fit

    def fit(self, frame: pd.DataFrame) -> Self:
        """Maximum likelihood on `frame`; returns self.

        Never raises for want of precision: `converged` and `warnings` say how it went. Raises
        HistoryError on input that cannot be used, and on no input.
        """
        return self.fit_distinct(self._read(frame))

    def fit_distinct(self, data: Data) -> Self:
        """`fit` on data already checked, distinct and in key order."""
        surface = self._surface(data)
        draft = self._draft(data, surface.unit)
        theta = maximise(surface.objective, surface.start, surface.bounds, draft)
        self._params = surface.stored(theta)
        return self.assess_distinct(data, surface)

    def assess(self, frame: pd.DataFrame) -> Self:
        """Judge the present parameters on `frame`, as a fit judges its own; returns self.

        Sets log_likelihood, converged, warnings and standard_errors: what a fit said is said
        again, word for word, of parameters read back from a log.
        """
        return self.assess_distinct(self._read(frame))

    def assess_distinct(self, data: Data, surface: Surface | None = None) -> Self:
        """`assess` on data already checked, distinct and in key order."""
        surface = surface or self._surface(data)
        customers = self._customers(data)
        theta = surface.theta(self.params)
        assessment = assess(surface.objective, theta, surface.bounds, customers)
        self.log_likelihood = assessment.value * customers
        self.converged = assessment.converged
        self._standard_errors = surface.standard_errors(assessment, theta)
        self.warnings = self._explain(assessment, data)
        return self


class FittedModel(NamedEstimates, Fitted[Data]):
    """A model whose parameters are all positive, with the papers' names."""

    bounds: ClassVar[Mapping[str, tuple[float, float]]]

    # ---------- what a model supplies

    @abstractmethod
    def _log_likelihood(self, prepared: Any, values: Floats) -> tuple[float, Floats]:
        """Log-likelihood and its gradient by the parameters (not their logarithms)."""

    def _prepare(self, data: Data) -> Any:
        """Whatever can be computed once per fit."""
        return data

    def _units(self, data: Data) -> Mapping[str, float]:
        """Units in which parameters are fitted; 1 if unsaid."""
        return {}

    def _start(self) -> Floats:
        """Where a climb begins: log-parameters in those units."""
        return np.zeros(len(self.parameter_names))

    # ---------- the surface

    def _surface(self, data: Data) -> Surface:
        units = self._units(data)
        unit = np.array([units.get(name, 1.0) for name in self.parameter_names])
        bounds = np.log(np.array([self.bounds[name] for name in self.parameter_names]))
        return Surface(
            objective=self._objective(data, unit),
            names=self.parameter_names,
            unit=unit,
            is_log=np.ones(len(unit), dtype=bool),
            bounds=bounds,
            start=self._start(),
        )

    def _objective(self, data: Data, unit: Floats) -> Objective:
        """The likelihood per customer in log-parameters, each in its unit."""
        prepared, total = self._prepare(data), self._customers(data)

        def objective(theta: Floats) -> tuple[float, Floats]:
            values = np.exp(theta) * unit
            value, gradient = self._log_likelihood(prepared, values)
            return value / total, gradient * values / total

        return objective


def slope_left(assessment: Assessment) -> list[str]:
    """What it means that the slope at the parameters is not zero, in plain words."""
    if assessment.converged:
        return []
    return [
        f"the fit stopped with a slope of {assessment.gradient_norm:.1e} per customer left: "
        "its parameters are not at the maximum"
    ]


def flatness(assessment: Assessment) -> list[str]:
    """What it means that the curvature vanishes in some direction, in plain words."""
    if not assessment.is_flat:
        return []
    return ["the likelihood is flat in some direction: parameters are not unique"]
