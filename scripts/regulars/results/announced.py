"""What may be announced: an interval that holds however often one looks, whenever one stops.

Every morning's page is a look, nobody declares the last one, and a list may run for years: a plan
of looks (alpha spending) would need both. So the effect is called a gain or a harm only when the
asymptotic confidence sequence [1] leaves out zero: the normal mixture's boundary with the estimated
standard error. It is wider than the 95% interval of one look: 1.5 times where it is tightest, at
`TIGHTEST_AT` held out. The studentised quantiles of the same look lend it their lopsidedness.

[1] I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy, A. Ramdas, Time-uniform central limit theory
    and asymptotic confidence sequences, Ann. Statist. 52 (2024).
"""

from __future__ import annotations

from math import log, sqrt

from regulars.results.effect import Z_95, Effect

ALPHA = 0.05
TIGHTEST_AT = 500  # households held out
FEWEST_HELD = 50  # before that nothing is announced: the theory is of large samples


def radius(held_out: int) -> float:
    """Half the sequence's width in standard errors, with so many held out."""
    rho2 = (-2 * log(ALPHA) + log(-2 * log(ALPHA) + 1)) / TIGHTEST_AT
    scaled = held_out * rho2
    return sqrt((scaled + 1) / scaled * log((scaled + 1) / ALPHA**2))


def sequence_of(effect: Effect) -> tuple[float, float] | None:
    """The interval that holds at all looks together; None while it is too early to say."""
    if effect.quantiles is None or min(effect.held_out, effect.treated) < FEWEST_HELD:
        return None
    wider = radius(min(effect.held_out, effect.treated)) / Z_95
    low, high = (min(effect.quantiles[0], -Z_95), max(effect.quantiles[1], Z_95))
    return (
        effect.lift - high * wider * effect.standard_error,
        effect.lift - low * wider * effect.standard_error,
    )


def verdict_of(effect: Effect | None) -> str:
    """gain, harm, or not known yet."""
    limits = sequence_of(effect) if effect else None
    if limits and limits[0] > 0:
        return "gain"
    return "harm" if limits and limits[1] < 0 else "not known"
