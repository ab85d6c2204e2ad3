"""What the page knows about a night: plain values, counted and summed, nobody in particular.

Queries fill these, the page draws them, and tests make them up. Every amount is in the
company's reporting currency; every share is between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from regulars.gates.hold import Hold


@dataclass(frozen=True)
class Edition:
    """Which night this page is about, and which published night it is compared with."""

    company: str
    as_of: date
    currency: str
    run_id: str
    generation: int | None = None
    previous_as_of: date | None = None


@dataclass(frozen=True)
class BridgePart:
    """One cause: its name in value_bridge, what it moved, and of how many people."""

    name: str
    amount: Decimal
    customers: int


@dataclass(frozen=True)
class Bridge:
    """Net value over 12 months on the last published night and tonight: before + parts = now."""

    scope: str
    previous_as_of: date
    before: Decimal
    parts: tuple[BridgePart, ...]
    now: Decimal

    @property
    def change(self) -> Decimal:
        return self.now - self.before

    @property
    def moves(self) -> Decimal:
        """What people brought who came to this tier, less what others took along."""
        return sum((p.amount for p in self.parts if p.name.startswith("tier_")), Decimal(0))


@dataclass(frozen=True)
class Gate:
    """A gate the night went through: `passed`, or `approved` on a person's word."""

    name: str
    outcome: str


@dataclass(frozen=True)
class Movement:
    entered: int
    stayed: int
    left: int


@dataclass(frozen=True)
class Reason:
    """A reason with its numbers taken out, and how many people share it."""

    text: str
    people: int


@dataclass(frozen=True)
class Earned:
    """A row of list_results: a list, or its part of one month of entry or tier. Money a head."""

    part: str
    treated: int
    held_out: int
    lift: Decimal | None = None
    lift_low: Decimal | None = None
    lift_high: Decimal | None = None
    shrunken_lift: Decimal | None = None
    smallest_detectable_lift: Decimal | None = None
    detectable_on: date | None = None
    verdict: str | None = None
    contacts: int = 0
    opt_outs_per_thousand: Decimal | None = None
    complaints: int = 0
    cost: Decimal | None = None
    net_return: Decimal | None = None
    list_versions: str | None = None


@dataclass(frozen=True)
class ListResult:
    """What a list has earned.

    whole       of everybody whose outcome is settled; None until the first is
    since       when the first entered
    settles_on  when the first outcome is settled
    """

    whole: Earned | None = None
    tiers: tuple[Earned, ...] = ()
    months: tuple[Earned, ...] = ()
    since: date | None = None
    settles_on: date | None = None

    @property
    def parts(self) -> tuple[Earned, ...]:
        """Everything that has settled: the whole, its tiers, its months."""
        return (*([self.whole] if self.whole else []), *self.tiers, *self.months)


@dataclass(frozen=True)
class KeepAgainstWin:
    """What keeping a customer costs beside winning one; amounts with the ends of their interval,
    None while not determinable.

    kept    people who bought and would not have, of so many treated and held out
    times   how many times what keeping costs winning costs
    since   when the first whose outcome is settled entered a list
    """

    treated: int = 0
    held_out: int = 0
    kept: tuple[Decimal, Decimal, Decimal] | None = None
    cost_per_kept: tuple[Decimal, Decimal, Decimal] | None = None
    cost_per_won: tuple[Decimal, Decimal, Decimal] | None = None
    times: tuple[Decimal, Decimal, Decimal] | None = None
    since: date | None = None


@dataclass(frozen=True)
class Allocated:
    """A marketing list's contacts tonight, as its fixed priority has them and as the greatest
    expected gain for the same money would."""

    name: str
    is_measured: bool
    people: int
    gain: Decimal
    people_by_gain: int
    gain_by_gain: Decimal


@dataclass(frozen=True)
class TonightsList:
    """One list as it stands tonight; what it is called and is for, as its YAML says.

    owner            who acts on it
    who, success     whom it holds, and what counts as one
    say, do_not_say  to them; None where nobody has said so
    verb, money      what is done with people, and what the sum means, as said after a number
    people           in the file: treated, within capacity
    tiers            value tier -> how many of them
    held_out         in the hold-out: eligible, deliberately left alone
    outcome_days     from entering until the outcome and its refunds are settled
    entries_a_year   households, at the pace of late; None in the list's first months
    holdout_share    of who newly enters tonight; is_learning: more than declared
    waiting          eligible, but beyond the list's capacity
    at_stake_amount  sum over people of the value at stake; its meaning is per list
    assumed_effect   share of it that a contact is taken to win, until results are measured
    measured_weight  weight of what was measured in what is believed instead; None until it is
    effect_amount    what contacting them is expected to change: as assumed, or as believed
    response_rate    share of people expected to buy unprompted; None where nobody can say
    withheld         why it has no file tonight; None where it has one
    is_off           withheld for a feed that this company does not deliver, every night
    next_on          when a list that is not made nightly is made again
    result           what it has earned
    """

    code: str
    list_class: str
    name: str
    people: int
    purpose: str = ""
    who: str = ""
    success: str = ""
    say: str | None = None
    do_not_say: str | None = None
    owner: str = ""
    verb: str = ""
    money: str = ""
    held_out: int = 0
    outcome_days: int = 0
    entries_a_year: float | None = None
    holdout_share: float | None = None
    is_learning: bool = False
    waiting: int = 0
    capacity: int | None = None
    at_stake_amount: Decimal | None = None
    assumed_effect: Decimal | None = None
    measured_weight: Decimal | None = None
    effect_amount: Decimal | None = None
    response_rate: float | None = None
    movement: Movement | None = None
    reasons: tuple[Reason, ...] = ()
    valid_until: date | None = None
    withheld: str | None = None
    is_off: bool = False
    cadence: str = "nightly"
    next_on: date | None = None
    result: ListResult | None = None
    tiers: Mapping[str, int] = field(default_factory=dict)

    @property
    def measured(self) -> Earned | None:
        """The result, where it may be announced: a gain or a harm."""
        whole = self.result.whole if self.result else None
        return whole if whole and whole.verdict in ("gain", "harm") else None

    @property
    def is_contact(self) -> bool:
        """Whether there is anybody to send something to."""
        return self.people > 0 and self.list_class in ("service", "marketing")


@dataclass(frozen=True)
class Exclusion:
    list_code: str
    reason: str
    people: int


@dataclass(frozen=True)
class ValueBin:
    """People whose net value is in [lower, upper); None is without end."""

    lower: Decimal | None
    upper: Decimal | None
    people: int


@dataclass(frozen=True)
class TierTotal:
    tier: str
    people: int
    net_clv_12m: Decimal
    net_clv_lifetime: Decimal
    value_at_risk: Decimal


@dataclass(frozen=True)
class Value:
    bins: tuple[ValueBin, ...] = ()
    tiers: tuple[TierTotal, ...] = ()
    # cumulative net value of the best 1%, 2% ... 100% of customers, cut as tiers are
    concentration: tuple[Decimal, ...] = ()
    lifecycle: Mapping[str, int] = field(default_factory=dict)
    # P10 and P90 of the total; None without a backtest
    total_range: tuple[Decimal, Decimal] | None = None
    # tiers, best first: each and those above it are the best so many percent
    tier_cuts: Mapping[str, int] = field(default_factory=dict)

    @property
    def people(self) -> int:
        return sum(tier.people for tier in self.tiers)

    @property
    def total(self) -> Decimal:
        return sum((tier.net_clv_12m for tier in self.tiers), Decimal(0))


@dataclass(frozen=True)
class SecondPurchasePoint:
    """Share of first-time buyers who have bought again within so many days (Kaplan-Meier)."""

    day: int
    share: float


@dataclass(frozen=True)
class NextOrders:
    """Customers with a rhythm, who have an expected day of their next order, and how many of these
    days are no later than `until`."""

    people: int
    due: int
    until: date


@dataclass(frozen=True)
class Relationships:
    """How far people have come, and how long the way to a second purchase is."""

    statuses: Mapping[str, int] = field(default_factory=dict)
    curve: tuple[SecondPurchasePoint, ...] = ()
    window_from_day: int | None = None
    window_to_day: int | None = None
    second_purchases: int = 0
    # False: too few second purchases to tell, so the window is the configured one
    is_own_window: bool = True
    # None where nobody shows a rhythm
    next_orders: NextOrders | None = None


@dataclass(frozen=True)
class CohortMonth:
    age_month: int
    active_customers: int
    is_mature: bool


@dataclass(frozen=True)
class Cohort:
    month: date
    size: int
    months: tuple[CohortMonth, ...]


@dataclass(frozen=True)
class Payback:
    """What a cohort by first purchase cost to win and has brought so far, reporting currency.

    cost: None where no spend was told. after_months: completed months until the margin reached it,
    None if it has not. came_again: share of the people.
    """

    month: date
    people: int
    cost: Decimal | None
    margin: Decimal
    came_again: Decimal
    after_months: int | None

    @property
    def cost_each(self) -> Decimal | None:
        return None if self.cost is None else self.cost / self.people


@dataclass(frozen=True)
class Cohorts:
    """Cohorts by first or second purchase, oldest first; older ones may have been cut off."""

    by: str
    cohorts: tuple[Cohort, ...] = ()
    cut_off: int = 0


@dataclass(frozen=True)
class ModelRun:
    model: str
    version: str
    run_id: str
    log_likelihood: Decimal | None
    customers: int
    histories: int
    is_converged: bool
    warnings: tuple[str, ...] = ()
    parameters: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """Expected against actual: at a frequency (7 is seven or more) or by the end of a week."""

    at: int
    expected: float
    actual: float


@dataclass(frozen=True)
class BacktestError:
    """How one model, or one plain rule, did in tonight's backtest: means over the origins.

    None is unknown. against: CRPS less the reference's, and its standard error.
    """

    model: str
    bias: float | None
    rmse: float | None
    mae: float | None
    crps: float | None = None
    spend_share: float | None = None
    against: tuple[float, float] | None = None


@dataclass(frozen=True)
class OriginCheck:
    """The champion at one origin: total, differences and interval.

    coverage is the share of customers whose purchases lay within the 90% interval; sales_coverage
    that of buyers who spent between P10 and P90, sales_below_p90 that of customers who spent no
    more than a P90 above zero. …_within: the total lay within the range that the other origins'
    misses give it.
    """

    origin: date
    holdout_days: int
    bias: float | None
    slope: float | None
    coverage: float | None
    tracking_error: float | None
    sales_coverage: float | None = None
    sales_below_p90: float | None = None
    total_within: bool | None = None
    sales_total_within: bool | None = None


@dataclass(frozen=True)
class ModelCheck:
    """Tonight's fits, and the backtest: series are the champion's at the latest origin.

    verdict    in a sentence for those who act on the lists
    ranges     what ranges of value are worth, in a sentence
    totals     how many past totals lay within theirs, in a sentence
    service    how much sooner those leave who were served badly, in a sentence
    channels   how those differ who first bought through another channel than most, a sentence each
    choice     why this model scores the night
    horizon_days  days judged after each origin
    """

    runs: tuple[ModelRun, ...] = ()
    model: str | None = None
    choice: str | None = None
    verdict: str | None = None
    ranges: str | None = None
    totals: str | None = None
    service: str | None = None
    channels: tuple[str, ...] = ()
    reference: str | None = None
    horizon_days: int | None = None
    by_frequency: tuple[Pair, ...] = ()
    by_week: tuple[Pair, ...] = ()
    deciles: tuple[Pair, ...] = ()
    pit: tuple[float, ...] = ()
    sales_pit: tuple[float, ...] = ()
    errors: tuple[BacktestError, ...] = ()
    origins: tuple[OriginCheck, ...] = ()


@dataclass(frozen=True)
class FeedDeliveries:
    """Deliveries of one feed since the previous published night.

    last_delivered_on  of all time; None when it never came
    """

    feed: str
    loaded: int = 0
    redelivered: int = 0
    refused: int = 0
    rows_in: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_redelivered: int = 0
    last_delivered_on: date | None = None


@dataclass(frozen=True)
class Refusal:
    feed: str
    delivered_on: date
    reason: str


@dataclass(frozen=True)
class QuarantineRule:
    feed: str
    rule: str
    rows: int
    rows_ever: int


@dataclass(frozen=True)
class Drift:
    """Columns a feed delivers that nobody declared."""

    feed: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Deliveries:
    feeds: tuple[FeedDeliveries, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    quarantine: tuple[QuarantineRule, ...] = ()
    drift: tuple[Drift, ...] = ()

    @property
    def files(self) -> int:
        return sum(feed.loaded for feed in self.feeds)

    @property
    def refused(self) -> int:
        return sum(feed.refused for feed in self.feeds)

    @property
    def rows_in(self) -> int:
        return sum(feed.rows_in for feed in self.feeds)

    @property
    def waiting(self) -> int:
        """Rows set aside on this night or before, and not replayed since."""
        return sum(rule.rows_ever for rule in self.quarantine)

    @property
    def rows_quarantined(self) -> int:
        return sum(feed.rows_quarantined for feed in self.feeds)


@dataclass(frozen=True)
class ExcessRefund:
    """What was refunded above an order's sale, and so does not count."""

    order_id: str
    amount: Decimal


@dataclass(frozen=True)
class Report:
    """Everything on the page."""

    edition: Edition
    gates: tuple[Gate, ...] = ()
    lists: tuple[TonightsList, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    value: Value = field(default_factory=Value)
    relationships: Relationships = field(default_factory=Relationships)
    cohorts: tuple[Cohorts, ...] = ()
    paybacks: tuple[Payback, ...] = ()
    model: ModelCheck = field(default_factory=ModelCheck)
    deliveries: Deliveries = field(default_factory=Deliveries)
    holds: tuple[Hold, ...] = ()
    excess_refunds: tuple[ExcessRefund, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    keep_against_win: KeepAgainstWin = KeepAgainstWin()
    allocation: tuple[Allocated, ...] = ()

    def holds_of(self, *kinds: str) -> list[Hold]:
        return [hold for hold in self.holds if hold.kind in kinds]

    @property
    def not_in(self) -> dict[str, str | None]:
        """feed -> what of it is missing or refused, in words."""
        return {h.subject: h.words for h in self.holds_of("feed_not_in", "feed_let_pass")}
