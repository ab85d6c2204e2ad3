"""Worlds: what is true of a sample company, as numbers. One frozen object each, by name.

A world says how customers buy, leave, spend, complain and answer; the parts of the simulator
read it and add nothing of their own. A new world is a `replace` of a known one, registered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


class UnknownWorld(ValueError):
    """No world has that name; the message lists those that exist."""


@dataclass(frozen=True)
class World:
    """The truth of a company. Rates are per day, money in euros, unless the name says more.

    rate_shape, rate_scale_days      purchase rates ~ Gamma(shape) / scale_days while alive
    gap_regularity                   1: memoryless gaps; 3: Erlang-3, and so on
    season_strength                  0: none; 1: the autumn of a shop that sells presents
    dropout                          "lifetime" (a rate, Gamma mixed), "after_purchase" (a
                                     chance, Beta mixed) or "none"
    dropout_shape, dropout_scale_days  drop-out rates ~ Gamma(shape) / scale_days
    dropout_a, dropout_b             chances after each purchase ~ Beta(a, b)
    spend_spread                     log standard deviation of a customer's spend level
    spend_rate_correlation           correlation of spend level and purchase rate (normal scores)
    case_share                       service cases per order
    unit_share_first, _later         orders with a machine, grinder or kettle in them
    unit_trouble                     cases of such an order over those of another
    contact_by_rate                  elasticity of a customer's contacts in the purchase rate
    breach_share, bad_outcome_share  of cases: promise broken; badly solved
    bad_service_hazard               drop-out hazard is multiplied by this after each bad case
    return_share, late_return_share  orders with a refund; of those, two months late or more
    cancelled_share                  orders cancelled before they leave
    prospect_share, staff_share      people without an order; people on the payroll
    email_consent_share              e-mail marketing granted at sign-up
    growth                           last day's new customers over the first day's
    dirt_per_mille                   planted rows per thousand, over all kinds
    """

    name: str
    summary: str
    rate_shape: float = 0.80
    rate_scale_days: float = 84.0
    gap_regularity: float = 1.0
    season_strength: float = 1.0
    dropout: str = "lifetime"
    dropout_shape: float = 0.60
    dropout_scale_days: float = 100.0
    dropout_a: float = 1.0
    dropout_b: float = 3.0
    spend_spread: float = 0.55
    spend_rate_correlation: float = 0.3
    case_share: float = 0.12
    unit_share_first: float = 0.16
    unit_share_later: float = 0.045
    unit_trouble: float = 3.5
    contact_by_rate: float = 0.3
    breach_share: float = 0.17
    bad_outcome_share: float = 0.06
    bad_service_hazard: float = 3.0
    return_share: float = 0.06
    late_return_share: float = 0.12
    cancelled_share: float = 0.025
    prospect_share: float = 0.04
    staff_share: float = 0.004
    email_consent_share: float = 0.70
    growth: float = 1.7
    dirt_per_mille: float = 2.0

    def __post_init__(self) -> None:
        if self.dropout not in ("lifetime", "after_purchase", "none"):
            raise ValueError(f"world {self.name}: dropout '{self.dropout}' is not known.")
        if not -1.0 <= self.spend_rate_correlation <= 1.0:
            raise ValueError(f"world {self.name}: spend_rate_correlation must be within [-1, 1].")
        if self.bad_service_hazard < 1.0:
            raise ValueError(f"world {self.name}: bad_service_hazard must be 1 (none) or more.")


KETTLE_AND_CRANE = World(
    name="kettle_and_crane",
    summary="Espresso machines, grinders and beans; a strong autumn; bad service costs customers.",
)

WORLDS: dict[str, World] = {
    world.name: world
    for world in (
        KETTLE_AND_CRANE,
        replace(
            KETTLE_AND_CRANE,
            name="harmless_service",
            summary="As Kettle & Crane, but bad service has no effect on drop-out.",
            bad_service_hazard=1.0,
        ),
        replace(
            KETTLE_AND_CRANE,
            name="regular_buyers",
            summary="As Kettle & Crane, but gaps are regular (Erlang-3).",
            gap_regularity=3.0,
        ),
        replace(
            KETTLE_AND_CRANE,
            name="after_purchase",
            summary="People leave right after a purchase or never (BG/NBD); no season.",
            dropout="after_purchase",
            season_strength=0.0,
        ),
        replace(
            KETTLE_AND_CRANE,
            name="nobody_leaves",
            summary="As Kettle & Crane, but nobody drops out: long silences mean little.",
            dropout="none",
        ),
    )
}


def world_named(name: str) -> World:
    """The world of that name. Raises UnknownWorld."""
    if name not in WORLDS:
        raise UnknownWorld(f"There is no world '{name}'. Known: {', '.join(sorted(WORLDS))}.")
    return WORLDS[name]
