"""The parameters of each part of a world: plain numbers, with the defaults of Kettle & Crane.

Rates are per day, money in euros, unless the name says more. Drop-out has classes of its own in
`dropout`, because ways of leaving differ in kind, not only in number.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rhythm:
    """When people come and how often they buy.

    rate_shape, rate_scale_days  purchase rates ~ Gamma(shape) / scale_days while alive
    gap_regularity               1: memoryless gaps; 3: Erlang-3, and so on
    season_strength              0: none; 1: the autumn of a shop that sells presents
    growth                       last day's new customers over the first day's
    prospect_share               people without an order
    """

    rate_shape: float = 0.80
    rate_scale_days: float = 84.0
    gap_regularity: float = 1.0
    season_strength: float = 1.0
    growth: float = 1.7
    prospect_share: float = 0.04

    @property
    def usual_rate(self) -> float:
        """Mean purchases per day while alive."""
        return self.rate_shape / self.rate_scale_days


@dataclass(frozen=True)
class Change:
    """Something that happens to the whole company; every factor is 1 where nothing changes.

    starts_at, lasts_days        share of the nights that have passed by then; None: for good
    buying, signing_up, prices   times the usual, while it lasts
    newcomer_rate, _hazard       purchase rate and drop-out of those who sign up meanwhile
    hazard                       drop-out of everybody, from then on and for good
    closes_shop                  nobody buys over the counter any more
    """

    starts_at: float
    lasts_days: int | None = None
    buying: float = 1.0
    signing_up: float = 1.0
    prices: float = 1.0
    newcomer_rate: float = 1.0
    newcomer_hazard: float = 1.0
    hazard: float = 1.0
    closes_shop: bool = False

    def first_night(self, nights: int) -> int:
        """Night (0-based) on which it starts, in a company of that many nights."""
        return int(self.starts_at * nights)

    def last_day(self, nights: int, horizon: int) -> int:
        """The day (0-based, exclusive) on which it is over, at most the horizon."""
        if self.lasts_days is None:
            return horizon
        return min(self.first_night(nights) + self.lasts_days, horizon)


@dataclass(frozen=True)
class Spend:
    """What people spend.

    spread                          log standard deviation of a customer's spend level
    rate_correlation                of spend level and purchase rate (normal scores)
    unit_share_first, _later        orders with a machine, grinder or kettle in them
    shop_share                      orders over the counter
    cost_shares                     (category, cost over price) where it is not the catalogue's
    wholesale_share                 of customers; each category line of theirs is multiplied
    wholesale_quantity, _per_year   by this much, and they order so often
    """

    spread: float = 0.55
    rate_correlation: float = 0.3
    unit_share_first: float = 0.16
    unit_share_later: float = 0.045
    shop_share: float = 0.10
    cost_shares: tuple[tuple[str, float], ...] = ()
    wholesale_share: float = 0.0
    wholesale_quantity: int = 10
    wholesale_per_year: float = 18.0


@dataclass(frozen=True)
class Service:
    """Who contacts us, how well it goes, and what it costs when it does not.

    case_share                      service cases per order
    unit_trouble                    cases of an order with a unit over those of another
    failure_spread                  log standard deviation of the products' failure rates
    contact_by_rate                 elasticity of a customer's contacts in the purchase rate
    contact_spread                  log standard deviation of contacts between customers
    slow_share, breach_share        of cases: answered late, but in time; promise broken
    bad_repair_share                of cases: badly solved
    slow_hazard, breach_hazard, bad_repair_hazard  drop-out is multiplied by this after each
                                    such case; by the largest, where one case has several faults
    """

    case_share: float = 0.12
    unit_trouble: float = 3.5
    failure_spread: float = 0.0
    contact_by_rate: float = 0.3
    contact_spread: float = 0.4
    slow_share: float = 0.0
    breach_share: float = 0.17
    bad_repair_share: float = 0.06
    slow_hazard: float = 1.0
    breach_hazard: float = 3.0
    bad_repair_hazard: float = 3.0

    def __post_init__(self) -> None:
        if min(self.slow_hazard, self.breach_hazard, self.bad_repair_hazard) < 1.0:
            raise ValueError("a hazard after bad service must be 1 (no effect) or more.")


@dataclass(frozen=True)
class Returns:
    """What comes back.

    share, late_share  orders with a refund; of those, two months late or more
    latest_days        the oldest order that is refunded, in days
    spread             log standard deviation of returning between customers
    cancelled_share    orders cancelled before they leave
    """

    share: float = 0.06
    late_share: float = 0.12
    latest_days: int = 400
    spread: float = 0.0
    cancelled_share: float = 0.025


@dataclass(frozen=True)
class Care:
    """What people allow, and what contacts do.

    email_consent_share, staff_share  of customers: e-mail marketing granted at sign-up; staff
    contact_effect                    times the usual effects of the lists; 0: they change nothing
    """

    email_consent_share: float = 0.70
    staff_share: float = 0.004
    contact_effect: float = 1.0


@dataclass(frozen=True)
class Dirt:
    """What is planted.

    per_mille  planted rows per thousand; 0 plants nothing, no odd file either
    kinds      only these kinds of rows and files; None: those of an ordinary company
    """

    per_mille: float = 2.0
    kinds: frozenset[str] | None = None
