"""A made-up night with something in every section, for tests that render a page."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from math import exp

from regulars.report.sections import (
    BacktestError,
    Bridge,
    BridgePart,
    Cohort,
    CohortMonth,
    Cohorts,
    Deliveries,
    Drift,
    Earned,
    Edition,
    Exclusion,
    FeedDeliveries,
    Gate,
    ListResult,
    ModelCheck,
    ModelRun,
    Movement,
    NextOrders,
    OriginCheck,
    Pair,
    Payback,
    QuarantineRule,
    Reason,
    Refusal,
    Relationships,
    Report,
    SecondPurchasePoint,
    TierTotal,
    TonightsList,
    Value,
    ValueBin,
)

AS_OF = date(2026, 10, 31)
TIER_CUTS = {
    "platinum": 1,
    "gold": 5,
    "silver": 10,
    "bronze": 25,
    "standard": 50,
    "basic": 100,
}


def edition(**changes) -> Edition:
    values = {
        "company": "Kettle & Crane",
        "as_of": AS_OF,
        "currency": "EUR",
        "run_id": "2026-10-31-8c1f20aa",
        "generation": 12,
        "previous_as_of": date(2026, 10, 30),
    }
    return Edition(**(values | changes))


def lists() -> tuple[TonightsList, ...]:
    return (
        TonightsList(
            code="make_it_right",
            list_class="service",
            name="Make it right",
            purpose="Promises we broke. Call, apologise, fix it; sell nothing.",
            who="people to whom a promise was broken",
            success="next score",
            say="sorry",
            do_not_say="anything that sells",
            owner="Customer care, by telephone",
            verb="calls",
            money="expected from them in 12 months",
            people=20,
            waiting=6,
            capacity=20,
            assumed_effect=Decimal("0.1"),
            at_stake_amount=Decimal("3184.20"),
            effect_amount=Decimal("318.42"),
            movement=Movement(entered=7, stayed=13, left=5),
            reasons=(
                Reason("the complaint of … took … days to answer", 11),
                Reason("rated … of 5 after a repair", 6),
                Reason("promised a reply in … hours; waited … days", 3),
            ),
            valid_until=date(2026, 11, 1),
        ),
        TonightsList(
            code="save_our_best",
            list_class="marketing",
            name="Save our best",
            purpose="The most valuable customers who are drifting away.",
            who="the most valuable customers who have begun to slip away",
            success="margin a head, 180 days",
            say="could anything have been better?",
            do_not_say="a discount first; what they are worth to us",
            owner="Marketing, with the shop",
            verb="contacts",
            money="of margin can still be saved",
            people=112,
            held_out=13,
            capacity=150,
            assumed_effect=Decimal("0.1"),
            at_stake_amount=Decimal("14872.55"),
            effect_amount=Decimal("1487.26"),
            response_rate=0.42,
            movement=Movement(entered=9, stayed=103, left=12),
            reasons=(
                Reason("usually orders every … days; now …", 74),
                Reason("bought … times, last in …", 29),
                Reason("was gold until …", 9),
            ),
            result=ListResult(
                whole=Earned(
                    "all of it",
                    treated=812,
                    held_out=96,
                    lift=Decimal("4.20"),
                    lift_low=Decimal("-1.10"),
                    lift_high=Decimal("9.60"),
                    smallest_detectable_lift=Decimal("7.40"),
                    detectable_on=date(2027, 9, 3),
                    verdict="not known",
                    contacts=1203,
                    opt_outs_per_thousand=Decimal("4.16"),
                    complaints=1,
                    cost=Decimal("361.00"),
                    net_return=Decimal("3049.40"),
                ),
                months=(
                    Earned("Mar 2026", treated=120, held_out=0, contacts=180, cost=Decimal(54)),
                ),
                since=date(2026, 1, 12),
                settles_on=date(2026, 8, 10),
            ),
            valid_until=date(2026, 11, 7),
        ),
        TonightsList(
            code="second_purchase",
            list_class="marketing",
            name="Second purchase",
            purpose="Bought once, and now is when others come back.",
            owner="Marketing, by e-mail",
            verb="contacts",
            money="if they come back as expected",
            people=236,
            held_out=27,
            capacity=400,
            assumed_effect=Decimal("0.1"),
            at_stake_amount=Decimal("5240"),
            effect_amount=Decimal("524"),
            response_rate=0.11,
            movement=Movement(entered=31, stayed=205, left=28),
            reasons=(
                Reason("first bought beans … days ago", 118),
                Reason("first bought a grinder … days ago", 64),
                Reason("half of those who return do so within … days", 54),
            ),
            valid_until=date(2026, 11, 7),
        ),
    )


def exclusions() -> tuple[Exclusion, ...]:
    numbers = {
        "make_it_right": {
            "somebody has said sorry already": 14,
            "the case is still open: solve it first": 9,
            "waiting: capacity is used up": 6,
        },
        "save_our_best": {
            "not at risk": 388,
            "has not agreed to marketing": 61,
            "contacted only days ago": 33,
            "a complaint, repair or claim is open": 8,
        },
        "second_purchase": {
            "too early: may still come alone": 412,
            "has not agreed to marketing": 302,
            "too late for a nudge": 251,
            "contacted often enough lately": 71,
            "under age": 2,
        },
    }
    return tuple(
        Exclusion(code, reason, people)
        for code, rows in numbers.items()
        for reason, people in rows.items()
    )


def value() -> Value:
    edges = [None, 0, 5, 10, 20, 50, 100, 200, 500, 1000, None]
    people = [41, 388, 402, 517, 691, 480, 262, 118, 21, 3]
    bins = tuple(
        ValueBin(
            None if low is None else Decimal(low), None if high is None else Decimal(high), number
        )
        for low, high, number in zip(edges[:-1], edges[1:], people, strict=True)
    )
    tiers = tuple(
        TierTotal(tier, number, Decimal(net), Decimal(net) * 2, Decimal(net) / 8)
        for tier, number, net in (
            ("platinum", 30, 20410),
            ("gold", 116, 33055),
            ("silver", 147, 24890),
            ("bronze", 438, 38540),
            ("standard", 731, 27615),
            ("basic", 1461, 9120),
        )
    )
    total = sum(t.net_clv_12m for t in tiers)
    curve = (*(total * Decimal(round(1 - exp(-x / 16), 6)) for x in range(1, 100)), total)
    lifecycle = {"active": 902, "cooling": 312, "at_risk": 420, "highly_at_risk": 377, "lost": 912}
    return Value(
        bins=bins,
        tiers=tiers,
        concentration=curve,
        lifecycle=lifecycle,
        total_range=(Decimal(98310), Decimal(208950)),
        tier_cuts=TIER_CUTS,
    )


def relationships() -> Relationships:
    curve = tuple(
        SecondPurchasePoint(day, round(0.46 * (1 - exp(-day / 110)), 6)) for day in range(0, 366, 5)
    )
    statuses = {"prospect": 402, "trial": 1640, "customer": 1283, "returned_trial": 38}
    return Relationships(
        statuses, curve, 71, 233, 1283, next_orders=NextOrders(312, 57, date(2026, 11, 30))
    )


def cohorts(by: str = "first", months: int = 24) -> Cohorts:
    rows = []
    for start in range(months):
        month = date(2024 + (9 + start) // 12, (9 + start) % 12 + 1, 1)
        cells = []
        for age in range(months - start + 1):
            share = (
                1.0 if age == 0 else 0.22 * exp(-age / 9) + (0.04 if (start + age) % 12 == 2 else 0)
            )
            size = 100 + 7 * (start % 5)
            cells.append(CohortMonth(age, round(size * share), age < months - start - 1))
        rows.append(Cohort(month, size, tuple(cells)))
    return Cohorts(by, tuple(rows), cut_off=0)


def paybacks() -> tuple[Payback, ...]:
    """Paid back at once, after a month, after five; not yet; and one of which no cost is known."""
    return tuple(
        Payback(date(2026, month, 1), 100, cost, Decimal(1200), Decimal("0.35"), after)
        for month, cost, after in (
            (6, Decimal(900), 0),
            (7, Decimal(1000), 1),
            (8, Decimal(1100), 5),
            (9, Decimal(2000), None),
            (10, None, None),
        )
    )


def model(**changes) -> ModelCheck:
    run = "2026-10-31-8c1f20aa"
    orders = {"r": "0.52", "alpha": "61.3", "a": "0.7", "b": "3.1"}
    runs = (
        ModelRun(
            model="mbg_nbd",
            version="scipy 1.17.1",
            run_id=run,
            log_likelihood=Decimal("-21874.113"),
            customers=2923,
            histories=2610,
            is_converged=True,
            parameters={name: Decimal(value) for name, value in orders.items()},
        ),
        ModelRun("gamma_gamma", "scipy 1.17.1", run, Decimal("-9120.4"), 2923, 2610, True),
    )
    values = {
        "runs": runs,
        "model": "mbg_nbd",
        "horizon_days": 365,
        "by_frequency": tuple(
            Pair(k, e, a)
            for k, e, a in zip(
                range(8),
                (0.31, 0.74, 1.2, 1.61, 2.15, 2.6, 3.3, 5.2),
                (0.29, 0.79, 1.18, 1.7, 2.0, 2.75, 3.1, 5.6),
                strict=True,
            )
        ),
        "by_week": tuple(
            Pair(
                w, 38.5 * w - w * w * 0.12, 37.9 * w - w * w * 0.11 + (60 if 8 < w % 52 < 15 else 0)
            )
            for w in range(1, 109)
        ),
        "choice": "MBG/NBD stays with a CRPS of 0.4410 over 2 origins",
        "verdict": "Trust it: who comes before whom, and how much in all.",
        "reference": "mbg_nbd",
        "deciles": tuple(Pair(n, 3.1 / n, 3.3 / n - 0.02 * n) for n in range(1, 11)),
        "sales_pit": (0.1, 0.1, 0.09, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.11),
        "ranges": "Of those who bought, 80% spent between their P10 and P90 (80% should).",
        "totals": "2 of 2 past totals of orders lay within the range",
        "service": "Customers whose first case went badly leave 2.1 times as readily.",
        "pit": (0.09, 0.1, 0.1, 0.09, 0.1, 0.1, 0.1, 0.11, 0.1, 0.11),
        "origins": (
            OriginCheck(
                date(2025, 9, 30), 365, -0.021, 0.97, 0.952, 0.034, 0.78, 0.89, True, False
            ),
            OriginCheck(date(2025, 6, 30), 365, 0.043, 0.93, 0.948, 0.051, 0.81, 0.91, True, True),
        ),
        "errors": (
            BacktestError("mbg_nbd", -0.021, 1.184, 0.604, 0.441, 0.462),
            BacktestError("past_rate", 0.312, 1.402, 0.711, 0.711, 0.451, (0.27, 0.021)),
            BacktestError("past_spend", 0.312, 1.911, 0.823, 0.823, 0.441, (0.382, 0.03)),
        ),
    }
    return ModelCheck(**(values | changes))


def bridge(scope: str, before: str) -> Bridge:
    moved = {
        "time": ("-2105.31", 11874),
        "corrections": ("-310.42", 23),
        "purchases": ("1480.95", 41),
        "new_customers": ("902.17", 14),
        "service": ("-55.10", 9),
        "averages": ("-120.77", 11874),
        "refit": ("86.03", 11874),
        **({} if scope == "company" else {"tier_moves": ("-400.00", 3)}),
    }
    parts = tuple(BridgePart(n, Decimal(amount), people) for n, (amount, people) in moved.items())
    start = Decimal(before)
    return Bridge(
        scope, AS_OF - timedelta(days=1), start, parts, start + sum(p.amount for p in parts)
    )


def deliveries() -> Deliveries:
    numbers = {
        "customers": (1, 0, 14, 14, 0),
        "products": (1, 0, 64, 64, 0),
        "orders": (1, 0, 41, 40, 1),
        "order_lines": (2, 0, 97, 93, 2),
        "refunds": (1, 0, 4, 4, 0),
        "cases": (1, 0, 11, 11, 0),
        "surveys": (0, 1, 0, 0, 0),
        "consents": (1, 0, 9, 9, 0),
        "campaign_contacts": (1, 0, 122, 122, 0),
    }
    feeds = tuple(
        FeedDeliveries(
            feed=feed,
            loaded=files,
            redelivered=0,
            refused=refused,
            rows_in=rows,
            rows_loaded=loaded,
            rows_quarantined=held,
            rows_redelivered=rows - loaded - held,
            last_delivered_on=AS_OF,
        )
        for feed, (files, refused, rows, loaded, held) in numbers.items()
    )
    return Deliveries(
        feeds=feeds,
        refusals=(Refusal("surveys", AS_OF, "the header is one field: the delimiter drifted"),),
        quarantine=(
            QuarantineRule("orders", "impossible_date", 1, 17),
            QuarantineRule("order_lines", "wrong_type", 2, 40),
        ),
        drift=(Drift("orders", ("coupon_code",)),),
    )


def report(**changes) -> Report:
    values = {
        "edition": edition(),
        "gates": tuple(Gate(name, "passed") for name in ("raw", "scores", "lists")),
        "lists": lists(),
        "exclusions": exclusions(),
        "value": value(),
        "relationships": relationships(),
        "cohorts": (cohorts("first"), cohorts("second")),
        "paybacks": paybacks(),
        "model": model(),
        "deliveries": deliveries(),
        "bridges": (bridge("company", "2104385.14"), bridge("gold", "310442.90")),
    }
    return Report(**(values | changes))
