"""Worlds: what is true of a sample company, as numbers. One frozen object each, by name.

A world says how customers buy, leave, spend, complain and answer; the parts of the simulator
read it and add nothing of their own. A new world is a variant of a known one, registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import regulars.sample_company.dropout as leaving
from regulars.sample_company.dirt.faults import KINDS
from regulars.sample_company.parts import (
    AfterSale,
    Care,
    Change,
    Dirt,
    Exchange,
    Handling,
    Household,
    Opinions,
    Response,
    Returns,
    Rhythm,
    Service,
    SignUp,
    Spend,
    Wallet,
)


class UnknownWorld(ValueError):
    """No world has that name; the message lists those that exist."""


@dataclass(frozen=True)
class World:
    """The truth of a company: its parts, and its usual size (customers, nights of deliveries)."""

    name: str
    summary: str
    sign_up: SignUp = field(default_factory=SignUp)
    rhythm: Rhythm = field(default_factory=Rhythm)
    dropout: leaving.Dropout = field(default_factory=leaving.Lifetime)
    spend: Spend = field(default_factory=Spend)
    wallet: Wallet = field(default_factory=Wallet)
    exchange: Exchange = field(default_factory=Exchange)
    handling: Handling = field(default_factory=Handling)
    service: Service = field(default_factory=Service)
    opinions: Opinions = field(default_factory=Opinions)
    returns: Returns = field(default_factory=Returns)
    care: Care = field(default_factory=Care)
    household: Household = field(default_factory=Household)
    after_sale: AfterSale = field(default_factory=AfterSale)
    response: Response = field(default_factory=Response)
    dirt: Dirt = field(default_factory=Dirt)
    changes: tuple[Change, ...] = ()
    customers: int = 3000
    nights: int = 761

    def __post_init__(self) -> None:
        if not -1.0 <= self.spend.rate_correlation <= 1.0:
            raise ValueError(f"world {self.name}: spend.rate_correlation must be within [-1, 1].")
        if self.dirt.kinds is not None and not self.dirt.kinds <= KINDS:
            raise ValueError(f"world {self.name}: dirt.kinds has a kind that does not exist.")

    def variant(self, **changes: Any) -> World:
        """This world with other parameters: a part anew, or a dict of what differs in it."""
        parts = {
            name: replace(getattr(self, name), **value) if isinstance(value, Mapping) else value
            for name, value in changes.items()
        }
        return replace(self, **parts)

    def parameters(self) -> dict[str, object]:
        """Every number by its dotted name, such as service.breach_hazard."""
        by_name: dict[str, object] = {}
        for name in (f.name for f in fields(self)):
            part = getattr(self, name)
            if not is_dataclass(part):
                by_name[name] = part
                continue
            if name == "dropout":
                by_name[name] = type(part).__name__
            by_name |= {f"{name}.{f.name}": getattr(part, f.name) for f in fields(part)}
        return by_name


KETTLE_AND_CRANE = World(
    name="kettle_and_crane",
    summary="Espresso machines, grinders and beans; a strong autumn; bad service costs customers.",
)

_HARMLESS = {"breach_hazard": 1.0, "bad_repair_hazard": 1.0}
# What the models assume and nothing else: no season, no growth, no service effect, spend by itself.
_PURE = KETTLE_AND_CRANE.variant(
    rhythm={"season_strength": 0.0, "growth": 1.0},
    spend={"rate_correlation": 0.0},
    service=_HARMLESS,
)

_ALL = (
    KETTLE_AND_CRANE,
    KETTLE_AND_CRANE.variant(
        name="harmless_service",
        summary="As Kettle & Crane, but bad service has no effect on drop-out.",
        service=_HARMLESS,
    ),
    KETTLE_AND_CRANE.variant(
        name="bitter_service",
        summary="Slow replies, broken promises and bad repairs drive people away, each by its own.",
        service={
            "slow_share": 0.25,
            "breach_share": 0.30,
            "bad_repair_share": 0.15,
            "slow_hazard": 1.5,
            "breach_hazard": 4.0,
            "bad_repair_hazard": 8.0,
            "case_share": 0.20,
            "failure_spread": 0.8,
            "contact_by_rate": 0.6,
        },
    ),
    _PURE.variant(
        name="pareto_nbd",
        summary="Pareto/NBD and nothing else: memoryless gaps, a lifetime, no season.",
    ),
    _PURE.variant(
        name="bg_nbd",
        summary="BG/NBD: people leave after a repeat purchase or never.",
        dropout=leaving.AfterPurchase(a=1.0, b=3.0, stays_first=True),
    ),
    _PURE.variant(
        name="mbg_nbd",
        summary="MBG/NBD: people leave after any purchase, the first too, or never.",
        dropout=leaving.AfterPurchase(a=1.0, b=3.0),
    ),
    KETTLE_AND_CRANE.variant(
        name="regular_buyers",
        summary="As Kettle & Crane, but gaps are regular (Erlang-3).",
        rhythm={"gap_regularity": 3.0},
    ),
    KETTLE_AND_CRANE.variant(
        name="strong_autumn",
        summary="Twice the season: November sells six times what July does.",
        rhythm={"season_strength": 2.0},
    ),
    KETTLE_AND_CRANE.variant(
        name="promotion_shock",
        summary="Three weeks of low prices bring a flood of bargain hunters; then a dip.",
        changes=(
            Change(
                0.80,
                lasts_days=21,
                buying=3.0,
                signing_up=6.0,
                prices=0.75,
                newcomer_rate=0.3,
                newcomer_hazard=3.0,
            ),
            Change(0.83, lasts_days=35, buying=0.6, signing_up=0.7),
        ),
    ),
    KETTLE_AND_CRANE.variant(
        name="regime_change",
        summary="Three months ago prices rose and the shop closed: what was true before misleads.",
        spend={"shop_share": 0.35},
        changes=(
            Change(0.88, buying=0.55, signing_up=0.6, prices=1.15, hazard=2.5, closes_shop=True),
        ),
    ),
    _PURE.variant(
        name="contracts",
        summary="A delivery every month until the contract is cancelled: renewals, not a rhythm.",
        rhythm={
            "rate_shape": 900.0,
            "rate_scale_days": 900.0 * 30.4375,
            "gap_regularity": 900.0,
            "prospect_share": 0.02,
        },
        dropout=leaving.AfterPurchase(a=0.9, b=11.0),
        spend={"unit_share_first": 0.05, "unit_share_later": 0.0},
        service={"case_share": 0.03},
    ),
    KETTLE_AND_CRANE.variant(
        name="young_company",
        summary="As Kettle & Crane, six months after opening.",
        rhythm={"growth": 3.0},
        customers=1000,
        nights=184,
    ),
    KETTLE_AND_CRANE.variant(
        name="tiny",
        summary="As Kettle & Crane, with 80 customers.",
        customers=80,
    ),
    KETTLE_AND_CRANE.variant(
        name="nobody_leaves",
        summary="As Kettle & Crane, but nobody drops out: long silences mean little.",
        dropout=leaving.Never(),
    ),
    KETTLE_AND_CRANE.variant(
        name="one_timers",
        summary="Nearly nobody comes back: one purchase and gone.",
        dropout=leaving.AfterPurchase(a=19.0, b=1.0),
    ),
    KETTLE_AND_CRANE.variant(
        name="wholesale",
        summary="One customer in a hundred is a café; together they make a third of revenue.",
        spend={"wholesale_share": 0.01},
    ),
    KETTLE_AND_CRANE.variant(
        name="dear_customers",
        summary="Kettles below cost, serial returners, refunds two years late: some cost more than "
        "they bring.",
        spend={
            "cost_shares": (
                ("coffee_beans", 0.86),
                ("kettles", 1.07),
                ("espresso_machines", 0.75),
            ),
            "rate_correlation": 0.4,
        },
        service={"case_share": 0.18, "contact_spread": 1.0, "failure_spread": 0.8},
        returns={"share": 0.14, "spread": 1.2, "late_share": 0.25, "latest_days": 760},
        nights=1096,
    ),
    KETTLE_AND_CRANE.variant(
        name="shared_wallets",
        summary="Larger baskets, and three customers in ten buy each category elsewhere too.",
        spend={"further_lines": 1.6},
        wallet={"shared_share": 0.3},
    ),
    KETTLE_AND_CRANE.variant(
        name="weary_inboxes",
        summary="Four newsletters a month; each makes the next one likelier to be the last.",
        care={
            "mailings_per_month": 4,
            "mailed_share": 0.5,
            "mail_wearies": True,
            "outcome_shares": (0, 0.605, 0.320, 0.062, 0.013, 0, 0),
        },
    ),
    KETTLE_AND_CRANE.variant(
        name="word_of_mouth",
        summary="Those served well bring twice as many people, those served badly hardly any.",
        after_sale={
            "referred_share": 0.2,
            "talk_if_served_well": 2.0,
            "talk_if_served_badly": 0.1,
        },
        service={"breach_share": 0.30},
    ),
    KETTLE_AND_CRANE.variant(
        name="two_currencies",
        summary="As Kettle & Crane, but the British pay in pounds; rates are delivered.",
        exchange={"currency": "GBP"},
    ),
    KETTLE_AND_CRANE.variant(
        name="dirty",
        summary="As Kettle & Crane, with every kind of bad row and bad file.",
        dirt={"per_mille": 8.0, "kinds": KINDS},
    ),
)

WORLDS: dict[str, World] = {world.name: world for world in _ALL}


def world_named(name: str) -> World:
    """The world of that name. Raises UnknownWorld."""
    if name not in WORLDS:
        raise UnknownWorld(f"There is no world '{name}'. Known: {', '.join(sorted(WORLDS))}.")
    return WORLDS[name]
