"""What a contact is believed to change: the assumption until it is measured, then what was
measured, the more so the better it is known.

A list assumes that a contact wins a share of the value at stake. The measured lift, as a share of
the value that was at stake on entry, and the assumption are weighted by their precision, as two
independent words on one number (A. Gelman et al., Bayesian Data Analysis, 3rd ed., eq. 2.10); the
assumption is taken to be as uncertain as it is large. Tiers are drawn towards the list's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regulars.results.announced import FEWEST_HELD
from regulars.results.effect import Effect
from regulars.results.shrunken import shrunken

LEAST_DOUBT = 0.05  # standard error of an assumption of next to nothing, as a share


@dataclass(frozen=True)
class Measured:
    """Of a list or one of its strata: the effect a head, and the value at stake on entry a head."""

    effect: Effect
    at_stake: float | None

    @property
    def share(self) -> float | None:
        """The lift as a share of the value at stake; None where that is nothing, or not known."""
        return self.effect.lift / self.at_stake if self._is_told and self.at_stake else None

    @property
    def error(self) -> float:
        return self.effect.standard_error / self.at_stake if self.at_stake else 0.0

    @property
    def _is_told(self) -> bool:
        return bool(self.at_stake and self.at_stake > 0 and self.effect.standard_error > 0)


@dataclass(frozen=True)
class Believed:
    """share of the value at stake that a contact wins; weight of what was measured in it, 0-1."""

    share: float
    weight: float


def believed(measured: Measured, assumed: float) -> Believed | None:
    """The list's share, or None while too few are held out, or nothing tells what was at stake."""
    smaller_arm = min(measured.effect.held_out, measured.effect.treated)
    if smaller_arm < FEWEST_HELD or measured.share is None:
        return None
    precision = 1 / measured.error**2
    of_assumption = 1 / max(assumed, LEAST_DOUBT) ** 2
    weight = precision / (precision + of_assumption)
    return Believed(weight * measured.share + (1 - weight) * assumed, weight)


def of_strata(strata: Mapping[str, Measured], whole: Believed) -> dict[str, Believed]:
    """The strata's shares, drawn towards the list's; one that says nothing for itself has that."""
    measured = {
        stratum: (effect.share, effect.error)
        for stratum, effect in strata.items()
        if effect.share is not None
    }
    drawn = shrunken(
        [share for share, _ in measured.values()],
        [error for _, error in measured.values()],
        whole.share,
    )
    shares = {**dict.fromkeys(strata, whole.share), **dict(zip(measured, drawn, strict=True))}
    return {name: Believed(share, whole.weight) for name, share in shares.items()}
