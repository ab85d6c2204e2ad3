"""Facts of the lists about what people bought."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

from tests.integration.sentences.facts import VALUES, Asked, Told, facts_of
from tests.integration.sentences.marts import (
    BEST,
    Marts,
    Row,
    half_up,
    is_valued,
    local_date,
    months_later,
)


@facts_of("second_purchase")
def _second_purchase(asked: Asked) -> Told:
    marts, horizon = asked.marts, asked.thresholds["horizon_days"]
    curve = second_purchase_curve(marts)
    within_a_year = 1 - survival(curve, 365)
    bounds = {
        name: next(day for day, kept in curve if 1 - kept >= share * within_a_year)
        for name, share in (("t_50", Fraction(1, 2)), ("t_90", Fraction(9, 10)))
    }
    channels = marts.person("marts.dim_customers")
    is_measured = returned_within_a_year(marts) >= 100
    for who, orders in _once_or_sent_back(marts).items():
        history = marts.histories.get(who, {"orders_count": 0, "days_since_first": None})
        day = history["days_since_first"]
        now = survival(curve, day or 0)
        p_second = (now - survival(curve, (day or 0) + horizon)) / now
        yield (
            who,
            {
                **history,
                **bounds,
                "horizon_days": horizon,
                "p_second": Decimal(p_second.numerator) / p_second.denominator,
                "first_category": best_category(marts, orders[0]) if orders else None,
                "preferred_channel": channels[who]["preferred_channel"],
                "window": is_measured,
                "window_as_assumed": not is_measured,
                "bought_once": history["orders_count"] == 1,
                "bought_several_times_on_one_day": history["orders_count"] > 1,
            },
        )


def _once_or_sent_back(marts: Marts) -> dict[str, list[Row]]:
    trial = ("trial", "returned_trial")
    return {
        who: marts.purchases.get(who, [])
        for who, row in marts.person("marts.dim_customers").items()
        if row["relationship_status"] in trial
    }


@cache
def second_purchase_curve(marts: Marts) -> list[tuple[int, Fraction]]:
    """Kaplan-Meier from the first to the second purchase day: day → share without a second.

    Censored three days before the night: deliveries may be late by as much.
    """
    seen_until = marts.as_of - timedelta(days=3)
    ends: dict[int, list[bool]] = defaultdict(list)
    for orders in marts.purchases.values():
        days = sorted({order["ordered_on"] for order in orders})
        if days[0] <= seen_until:
            came = len(days) > 1 and days[1] <= seen_until
            ends[((days[1] if came else seen_until) - days[0]).days].append(came)
    at_risk, kept, curve = sum(map(len, ends.values())), Fraction(1), []
    for day, came_back in sorted(ends.items()):
        kept *= 1 - Fraction(sum(came_back), at_risk)
        at_risk -= len(came_back)
        curve.append((day, kept))
    return curve


def returned_within_a_year(marts: Marts) -> int:
    gaps = [history["days_to_second"] for history in marts.histories.values()]
    return len([gap for gap in gaps if gap is not None and gap <= 365])


def survival(curve: list[tuple[int, Fraction]], day: int) -> Fraction:
    return next((kept for at, kept in reversed(curve) if at <= day), Fraction(1))


def best_category(marts: Marts, order: Row) -> str | None:
    """The category of most money in an order."""
    money: dict[str, Decimal] = defaultdict(Decimal)
    for line in marts.lines[order["order_id"]]:
        money[line["category"]] += line["net_sales"]
    return min(money, key=lambda category: (-money[category], category.encode()), default=None)


@facts_of("slipping_loyalists")
def _slipping_loyalists(asked: Asked) -> Told:
    share, indices = asked.thresholds["false_alarm_share"], season(asked.marts)
    for who, history in asked.marts.histories.items():
        gaps, days = history["frequency"], history["recency_days"]
        if gaps < asked.thresholds["fewest_gaps"]:
            continue
        last = asked.marts.as_of - timedelta(days=history["days_since_last"])
        so_far = counted(indices, last - timedelta(days=days), last)
        chance = (so_far / (so_far + counted(indices, last, asked.marts.as_of))) ** gaps
        yield (
            who,
            {
                **history,
                **asked.chance(who),
                "average_gap_days": half_up(Decimal(days) / gaps),
                "chance_of_gap": Decimal(chance.numerator) / chance.denominator,
                "whole_hundredths": Decimal(math.floor(round(chance, 6) * 100)) / 100,
                "false_alarm_share": Decimal(str(share)),
                "by_chance_in_season": bool(indices),
                "by_chance": not indices,
            },
        )


@cache
def season(marts: Marts) -> dict[int, Fraction]:
    """Calendar month → what a day of it is worth, of the last whole years; empty before there is
    one. Orders again of those who bought within a year before the month, and 50 to be expected."""
    days = {
        who: [order["ordered_on"] for order in orders] for who, orders in marts.purchases.items()
    }
    month = min(map(min, days.values())).replace(day=1)
    seen: list[tuple[int, int, int]] = []
    while (after := months_later(month, 1)) <= marts.as_of + timedelta(days=1):
        active = sum(
            any(month - timedelta(days=365) <= day < month for day in bought)
            for bought in days.values()
        )
        again = sum(
            sum(month <= day < after for day in bought) - (month <= min(bought) < after)
            for bought in days.values()
        )
        if active:
            seen.append((month.month, again, active * (after - month).days))
        month = after
    seen = seen[len(seen) % 12 :]
    if not seen:
        return {}
    rate = Fraction(sum(again for _, again, _ in seen), sum(days for *_, days in seen))
    return {
        name: round(
            Fraction(sum(again for m, again, _ in seen if m == name) + 50)
            / (sum(days for m, _, days in seen if m == name) * rate + 50),
            4,
        )
        for name in range(1, 13)
    }


def counted(indices: dict[int, Fraction], since: date, until: date) -> Fraction:
    """Days between two dates as the season counts them."""
    return sum(
        (
            indices.get((since + timedelta(days=n)).month, Fraction(1))
            for n in range((until - since).days)
        ),
        Fraction(0),
    )


@facts_of("save_our_best")
def _save_our_best(asked: Asked) -> Told:
    marts, share = asked.marts, Decimal(str(asked.thresholds["best_share"]))
    customers, gone = marts.person("marts.dim_customers"), marts.person("lists.customer_farewells")
    real = [who for who in marts.person(VALUES) if _is_customer(customers[who]) and who not in gone]
    places, margins = marts.places("value_if_active_12m", real), _places_by_margin(marts, real)
    for who in real:
        history = marts.histories[who]
        median = history["median_gap"]
        yield (
            who,
            {
                **history,
                **asked.chance(who),
                "usual_gap_days": None if median is None else math.ceil(median),
                "best_in_100": marts.best_in_100[who],
                "place_when_active": places[who],
                "place_by_margin": margins[who],
                "people": len(real),
                "was_best_until": _was_best_until(marts, who),
                "silver_in_100": BEST["silver"],
                "came_back_once": history["frequency"] == 1,
                "best_when_active": places[who] - 1 < share * len(real),
            },
        )


def _places_by_margin(marts: Marts, among: list[str]) -> dict[str, int]:
    """By what they brought in the 24 months that end with their last order."""
    margin = {}
    for who in among:
        last = max(order["ordered_on"] for order in marts.purchases[who])
        since = months_later(last, -24)
        margin[who] = sum(
            order["contribution_margin"] or 0
            for order in marts.accounts[who]
            if since < order["ordered_on"] <= last
        )
    ordered = sorted(among, key=lambda who: (-margin[who], who.encode()))
    return {who: place for place, who in enumerate(ordered, start=1)}


def _was_best_until(marts: Marts, who: str) -> date | None:
    """The last night whose place carried the tier: one that is held is theirs no more."""
    nights = [
        (row["valid_to"] or marts.as_of + timedelta(days=1)) - timedelta(days=1)
        for row in marts.of_people("marts.customer_history").get(who, [])
        if row["value_tier"] in ("platinum", "gold", "silver") and row["tier_below_since"] is None
    ]
    return max(nights, default=None)


def _is_customer(row: Row) -> bool:
    return bool(row["relationship_status"] == "customer")


@facts_of("welcome_customer")
def _welcome_customer(asked: Asked) -> Told:
    marts = asked.marts
    for who, orders in marts.purchases.items():
        days = sorted({order["ordered_on"] for order in orders})
        if len(days) < 2:
            continue
        arrivals = [
            local_date(order["delivered_at"]) for order in orders if order["ordered_on"] == days[1]
        ]
        arrived = max(day for day in arrivals if day) if all(arrivals) else None
        yield (
            who,
            {
                **asked.chance(who),
                "days_since_second": marts.ago(days[1]),
                "days_to_second": (days[1] - days[0]).days,
                "days_since_arrival": marts.ago(arrived),
                "welcomed_on": asked.told_on(who),
                "third_order": len(days) > 2,
            },
        )


@facts_of("win_back")
def _win_back(asked: Asked) -> Told:
    for who, history in asked.marts.histories.items():
        value = asked.value(who)
        active, gone = value.get("value_if_active_12m"), value.get("value_gone")
        yield (
            who,
            {
                **history,
                **asked.chance(who),
                "value_active_whole": None if active is None else half_up(active),
                "value_gone_whole": None if gone is None else half_up(max(gone, Decimal(0))),
                "currency": "EUR",
            },
        )


@facts_of("reorder_due")
def _reorder_due(asked: Asked) -> Told:
    for who in asked.marts.purchases:
        value = asked.value(who)
        starts_on = value.get("next_order_window_starts_on")
        window = {
            "expected_from": starts_on,
            "expected_until": value.get("next_order_window_ends_on"),
            "days_since_last": asked.marts.histories[who]["days_since_last"],
        }
        if starts_on:
            due = _due(asked, starts_on, expected_on=value.get("expected_next_order_on"))
            yield who, {**dict.fromkeys(RHYTHM), **window, **due}
        for category in asked.marts.paid_days[who]:
            yield who, {**window, **_rhythm(asked, who, category)}


RHYTHM = ("due_category", "category_days", "category_gap_days", "days_since_category")


def _rhythm(asked: Asked, who: str, category: str) -> Row:
    """Of a category, on which days they paid something for it."""
    days = sorted(asked.marts.paid_days[who].get(category, ()))
    if len(days) < asked.thresholds["fewest_days"]:
        return dict.fromkeys((*RHYTHM, "days_until_due", "days_overdue", "days_until_expected"))
    gap = half_up(Decimal((days[-1] - days[0]).days) / (len(days) - 1))
    due_on = days[-1] + timedelta(days=gap)
    return {
        "due_category": category,
        "category_days": len(days),
        "category_gap_days": gap,
        "days_since_category": asked.marts.ago(days[-1]),
        **_due(asked, due_on, expected_on=due_on),
    }


def _due(asked: Asked, day: object, expected_on: object) -> Row:
    until = asked.marts.until(day)  # type: ignore[arg-type]
    return {
        "days_until_due": until,
        "days_overdue": None if until is None else -until,
        "days_until_expected": asked.marts.until(expected_on),  # type: ignore[arg-type]
    }


@facts_of("room_to_grow")
def _room_to_grow(asked: Asked) -> Told:
    """Shares of the money by category, beside those of the same quintile."""
    quintile = {
        who: row["money_quintile"]
        for who, row in asked.marts.person("marts.customer_rfm").items()
        if row["money_quintile"] is not None
    }
    money = {who: _by_category(asked.marts, who) for who in quintile}
    peers: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for who, spent in money.items():
        for category, amount in spent.items():
            peers[quintile[who]][category] += amount
    for who, spent in money.items():
        all_of_peers = peers[quintile[who]]
        for category, of_peers in all_of_peers.items():
            share = _hundredths(spent.get(category, Decimal(0)), sum(spent.values(), Decimal(0)))
            yield (
                who,
                {
                    "suggested_category": category,
                    "share": share,
                    "peers_share": _hundredths(of_peers, sum(all_of_peers.values(), Decimal(0))),
                    "orders_count": asked.marts.histories[who]["orders_count"],
                    **asked.chance(who),
                    **asked.marts.last_answer(who, "csat"),
                    "shown_on": asked.told_on(who),
                },
            )


def _by_category(marts: Marts, who: str) -> dict[str, Decimal]:
    money: dict[str, Decimal] = defaultdict(Decimal)
    for order in filter(is_valued, marts.purchases[who]):
        for line in marts.lines[order["order_id"]]:
            if line["category"] is not None:
                money[line["category"]] += line["net_sales"]
    return {category: amount for category, amount in money.items() if amount > 0}


def _hundredths(part: Decimal, whole: Decimal) -> Decimal:
    return Decimal(half_up(part / whole * 100)) / 100 if whole else Decimal(0)
