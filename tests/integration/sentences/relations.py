"""Facts of the lists about who people are to the company."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from tests.integration.sentences.facts import VALUES, Asked, Told, facts_of
from tests.integration.sentences.marts import BEST, Marts, Row

LOYALTY_TIERS = (500, 1500)  # points of the last 365 days, as dbt_project.yml has them


@facts_of("ad_audiences")
def _ad_audiences(asked: Asked) -> Told:
    marts = asked.marts
    places = marts.places("net_clv_12m", _living(marts))
    for who, place in places.items():
        yield (
            who,
            {**marts.histories.get(who, NO_ORDERS), "value_place": place, "buyers": len(places)},
        )


NO_ORDERS: Row = {"orders_count": 0, "days_since_first": None}


@facts_of("ask_advocates")
def _ask_advocates(asked: Asked) -> Told:
    marts = asked.marts
    brought = _brought_lately(marts)
    for who in marts.answers:
        bought = marts.category_days.get(who, {})
        yield (
            who,
            {
                **marts.histories.get(who, NO_ORDERS),
                **marts.last_answer(who, "nps"),
                **marts.last_answer(who, "csat"),
                "categories": len([name for name in bought if name is not None]) or None,
                "referrals_12m": brought.get(who, 0),
                "open_cases": len(open_cases(marts, who)),
                "fewest_orders": asked.thresholds["fewest_orders"],
                "asked_on": asked.told_on(who),
            },
        )


def _brought_lately(marts: Marts) -> dict[str, int]:
    brought: dict[str, int] = defaultdict(int)
    for row in marts.rows("marts.fct_referrals"):
        is_late = (marts.as_of - row["referred_on"]).days < 365
        if row["left_out_reason"] is None and is_late:
            brought[row["referrer_customer_id"]] += 1
    return brought


def open_cases(marts: Marts, who: str) -> list[Row]:
    return [
        row for row in marts.of_people("marts.fct_service_cases").get(who, []) if row["is_open"]
    ]


@facts_of("birthday_anniversary")
def _birthday_anniversary(asked: Asked) -> Told:
    marts = asked.marts
    for who, row in marts.person("marts.dim_customers").items():
        for occasion in ("birthday", "anniversary"):
            on = _next(marts.as_of, row[f"{occasion}_month_day"], asked.thresholds["days_ahead"])
            if on is None:
                continue
            yield (
                who,
                {
                    **marts.histories.get(who, NO_ORDERS),
                    "occasion": occasion,
                    "occasion_on": on,
                    "days_until": marts.until(on),
                    "best_in_100": marts.best_in_100.get(who),
                    "top_in_100": BEST["silver"],
                    "greeted_on": asked.told_on(who),
                },
            )


def _next(as_of: date, month_day: str | None, days: int) -> date | None:
    """The day within so many that has this month and day; 29 February is kept on the 28th."""
    for ahead in range(days + 1):
        day = as_of + timedelta(days=ahead)
        is_last_of_february = day.month == 2 and (day + timedelta(days=1)).month == 3
        if month_day == f"{day:%m-%d}" or (
            month_day == "02-29" and is_last_of_february and day.day == 28
        ):
            return day
    return None


@facts_of("design_panel")
def _design_panel(asked: Asked) -> Told:
    marts = asked.marts
    customers = marts.person("marts.dim_customers")
    real = [who for who in _living(marts) if customers[who]["relationship_status"] == "customer"]
    places = marts.places("net_clv_12m", real)
    for who in real:
        orders = {
            category: len({order for order, _ in bought})
            for category, bought in marts.category_days[who].items()
        }
        category = min(
            orders, key=lambda name: (-orders[name], (name or "").encode()), default=None
        )
        yield (
            who,
            {
                **marts.histories[who],
                **marts.last_answer(who, "csat"),
                "expert_category": category,
                "expert_orders": orders.get(category),  # type: ignore[arg-type]
                "value_place": places[who],
                "customers": len(real),
                "invited_on": asked.told_on(who),
            },
        )


@facts_of("event_invitation")
def _event_invitation(asked: Asked) -> Told:
    marts = asked.marts
    for event, guests in _guests(asked):
        lines: dict[bool, list[str]] = {
            best: [who for who in guests if (asked.value(who)["value_tier"] in BEST) is best]
            for best in (True, False)
        }
        for line in lines.values():
            for place, who in enumerate(sorted(line, key=lambda who: _in_line(asked, who)), 1):
                yield (
                    who,
                    {
                        **marts.histories.get(who, NO_ORDERS),
                        "event_name": event["name"],
                        "starts_on": event["starts_on"],
                        "days_until_event": marts.until(event["starts_on"]),
                        "capacity": event["capacity"],
                        "seat_rank": place,
                        "invited_on": asked.told_on(who),
                    },
                )


def _living(marts: Marts) -> set[str]:
    """Who has a value and takes a place among the others."""
    return marts.person(VALUES).keys() - marts.person("lists.customer_farewells").keys()


def _in_line(asked: Asked, who: str) -> tuple:
    history = asked.marts.histories.get(who, {})
    return (
        -asked.value(who)["net_clv_12m"],
        -(history.get("days_since_first") or 0),
        who.encode(),
    )


def _guests(asked: Asked) -> Iterator[tuple[Row, list[str]]]:
    """Each event with whom it is the first for, of those in their town that can still be kept."""
    marts, living = asked.marts, _living(asked.marts)
    homes = defaultdict(list)
    for row in marts.rows("pii.customer_homes"):
        homes[row["town"]].append(row["customer_id"])
    coming = [e for e in marts.rows("marts.fct_events") if _is_coming(marts, e)]
    taken: set[str] = set()
    for event in sorted(
        coming,
        key=lambda e: (
            marts.until(e["starts_on"]) < asked.thresholds["first_days"],
            e["starts_on"],
            e["event_id"].encode(),
        ),
    ):
        town = _town(event["country"], event["city"])
        guests = [who for who in homes[town] if who not in taken and who in living]
        taken |= set(guests)
        yield event, guests


def _is_coming(marts: Marts, event: Row) -> bool:
    return bool(event["is_upcoming"] and marts.until(event["starts_on"]) <= 90)


def _town(country: str, city: str) -> str:
    letters = unicodedata.normalize("NFKD", city.strip().lower())
    return f"{country.lower()} {''.join(c for c in letters if not unicodedata.combining(c))}"


@facts_of("reward_lapsing")
def _reward_lapsing(asked: Asked) -> Told:
    marts, days_ahead = asked.marts, asked.thresholds["days_ahead"]
    for who, entries in marts.of_people("marts.fct_loyalty_entries").items():
        left: dict[date, int] = defaultdict(int)
        for entry in entries:
            if entry["points_left"] and entry["expires_on"] and entry["expires_on"] >= marts.as_of:
                left[entry["expires_on"]] += entry["points_left"]
        soon = {day: n for day, n in left.items() if marts.until(day) <= days_ahead}
        first, last = min(soon, default=None), max(soon, default=None)
        earned = max(sum(row["points"] for row in entries if _counts_for_tier(marts, row)), 0)
        next_tier = next((least for least in LOYALTY_TIERS if earned < least), None)
        yield (
            who,
            {
                "balance": sum(row["points"] for row in entries),
                "points_expiring": sum(soon.values()),
                "points_expire_on": first,
                "last_expire_on": last,
                "days_ahead": days_ahead,
                "lapses": len(soon) == 1,
                "lapse_by_and_by": len(soon) > 1,
                "days_until_expiry": marts.until(first),
                "tier_points": earned,
                "points_to_next_tier": None if next_tier is None else next_tier - earned,
                "told_on": asked.told_on(who),
            },
        )


def _counts_for_tier(marts: Marts, entry: Row) -> bool:
    is_late = (marts.as_of - entry["booked_on"]).days < 365
    return is_late and entry["kind"] in ("earned", "reversed")


@facts_of("rest")
def _rest(asked: Asked) -> Told:
    marts, days = asked.marts, asked.thresholds["look_back_days"]
    rules = marts.rows("lists.campaign_rules")[0]
    window = rules["contacts_window_days"]
    homes: dict[str, int] = defaultdict(int)
    customers = marts.person("marts.dim_customers")
    for row in marts.rows("marts.fct_campaign_contacts"):
        if row["customer_id"] in customers and marts.ago(row["sent_on"]) < window:
            homes[customers[row["customer_id"]]["household_id"]] += 1
    for who, customer in customers.items():
        messages = [
            row
            for row in marts.of_people("marts.fct_campaign_contacts").get(who, [])
            if row["channel"] == "email"
            and row["outcome"] not in ("bounced", "sent")
            and marts.ago(row["sent_on"]) < days
        ]
        messages.sort(key=lambda row: (row["sent_at"], row["contact_id"].encode()))
        latest = messages[-asked.thresholds["unopened_messages"] :]
        complaints = [
            row["opened_on"]
            for row in marts.of_people("marts.fct_service_cases").get(who, [])
            if row["kind"] == "complaint"
        ]
        yield (
            who,
            {
                "messages": len(messages),
                "days_since_message": marts.ago(messages[-1]["sent_on"]) if messages else None,
                "days_since_complaint": marts.ago(max(complaints, default=None)),
                "contacts_in_window": homes[customer["household_id"]],
                "window_days": window,
                "unopened_messages": asked.thresholds["unopened_messages"],
                "look_back_days": days,
                "unopened": all(row["outcome"] == "delivered" for row in latest),
            },
        )
