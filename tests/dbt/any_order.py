"""Deliveries of every feed of the house that arrive in any order, late, twice and reverted, by a
seed.

Their rows contradict each other from day to day, so that which came last shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from tests.dbt.delivered_world import (
    Row,
    World,
    consent,
    contact,
    customer,
    death,
    erasure,
    line,
    merge,
    order,
    product,
    refund,
)

DAYS = ("2026-03-09", "2026-03-10", "2026-03-11")
LAST = "2026-03-12"
WHO = ("X1", "X2", "X3")
REVISION = 20  # of all these deliveries: none is in the way of others of the same day
LATE, AGAIN, REVERTED = 0.4, 0.3, 0.2


def arrivals(seed: int, nights: Sequence[str]) -> dict[str, list[tuple[str, str, int, list[Row]]]]:
    """Night -> what arrives on it: day, feed, revision, rows. By the last night all is there."""
    random, reverting = Random(seed), Random(f"reverted {seed}")
    due: dict[str, list[tuple[str, str, int, list[Row]]]] = {night: [] for night in nights}
    for day in DAYS:
        for feed, rows in _of(random, day).items():
            on_time = [night for night in nights if night >= day]
            arrives = random.choice(on_time) if random.random() < LATE else on_time[0]
            due[arrives].append((day, feed, REVISION, rows))
            if random.random() < AGAIN:
                again = random.choice([night for night in nights if night >= arrives])
                due[again].append((day, feed, REVISION + 1, rows))
            if reverting.random() < REVERTED:  # said otherwise, then as before: the latter counts
                otherwise = _of(reverting, day)[feed]
                for revision, said in ((REVISION + 2, otherwise), (REVISION + 3, rows)):
                    due[reverting.choice(on_time)].append((day, feed, revision, said))
    for arriving in due.values():
        random.shuffle(arriving)
    return due


def bring(world: World, arriving: Sequence[tuple[str, str, int, list[Row]]]) -> None:
    for day, feed, revision, rows in arriving:
        world.deliver(day, feed, rows, revision=revision)


def _of(random: Random, day: str) -> Mapping[str, list[Row]]:
    """The day's rows by feed: everybody's state of it, some of it another than the day before."""
    number = DAYS.index(day) + 1
    some = random.sample(WHO, 2)
    return {
        "customers": [_customer(random, who, day) for who in WHO],
        "products": [
            product("U", day, category="grinders", unit_cost=20 + number, warranty_months=24),
            product("V", day, category=random.choice(["beans", "kettles"]), unit_cost=5),
        ],
        "orders": [
            *(_order(random, f"x{who}", who, "2026-02-05", day) for who in WHO),
            *(_order(random, f"{day}{who}", who, "2026-03-08", day) for who in some),
        ],
        "order_lines": [
            *(line(f"x{who}", 1, "U", "2026-02-05", updated_at=day) for who in some),
            *(line(f"{day}{who}", 1, "V", "2026-03-08", quantity=number) for who in WHO),
        ],
        "refunds": [refund("rx", f"x{random.choice(WHO)}", day, 10 * number)],
        "cases": [_case(random, who, day) for who in some],
        "surveys": [_survey(random, who, day) for who in some],
        "consents": [
            *(consent(who, f"{day} 08:00:00+00", granted=random.random() < 0.5) for who in some),
            *(_consent_of_any_day(random, who) for who in some),
        ],
        "deaths": [death(random.choice(WHO), _any_day(random), _withdrawn(random))],
        "erasure_requests": [
            {
                **erasure("ex", random.choice(WHO), _any_day(random)),
                "is_withdrawn": _withdrawn(random),
            }
        ],
        "campaign_contacts": [
            contact("cx", some[0], "2026-03-01", random.choice(["delivered", "bounced"]))
        ],
        "addresses": list(_addresses(random, day)),
        "units": [_unit(random, serial, day) for serial in ("S1", "S2")],
        "identities": [merge("X1", "X2", f"{day} 07:00:00+00", random.random() < 0.5)],
        "loyalty": [_entry(random, f"{day}{who}", day) for who in some],
        "referrals": [_referral(random, day)],
        "marketing_spend": [_spend(random, channel, day) for channel in ("search", "social")],
        "fx_rates": [
            {"date": on, "currency": "GBP", "rate": round(1 + random.random(), 4)}
            for on in ("2026-02-05", "2026-03-08")
        ],
        "events": [_event(random, day)],
    }


def _customer(random: Random, who: str, day: str) -> Row:
    """Of two addresses, one of which is written in two ways."""
    names = (f"{who}@example.com", f"{who.lower()}@example.com", f"{who}@example.org")
    email = random.choice(names)
    return customer(who, country=random.choice(["NL", "DE"]), email=email, updated_at=day)


def _order(random: Random, order_id: str, who: str, at: str, day: str) -> Row:
    status = random.choice(["paid", "delivered", "cancelled"])
    currency = random.choice(["EUR", "GBP"])
    return order(order_id, who, at, status=status, currency=currency, updated_at=day)


def _consent_of_any_day(random: Random, who: str) -> Row:
    """A word that may wait for its day, told about an instant near midnight."""
    at = f"{_any_day(random)} {random.choice(['00', '22', '23'])}:30:00+00"
    channel = random.choice(["phone", "post"])
    return consent(who, at, granted=random.random() < 0.7, channel=channel)


def _any_day(random: Random) -> str:
    """Before the first night, of one of them, or after the last."""
    return f"2026-03-{random.randint(8, 14):02d}"


def _withdrawn(random: Random) -> bool | None:
    return random.choice([None, True, True])


def _case(random: Random, who: str, day: str) -> Row:
    return {
        "case_id": f"k{who}",
        "customer_id": who,
        "product_id": "U",
        "serial": "S1",
        "kind": random.choice(["complaint", "repair"]),
        "opened_at": "2026-03-01",
        "first_reply_at": f"2026-03-0{random.randint(2, 5)}",
        "promised_reply_minutes": 1440,
        "agent_minutes": random.randint(1, 30),
        "updated_at": day,
    }


def _survey(random: Random, who: str, day: str) -> Row:
    asked = {"survey_id": f"s{who}", "customer_id": who, "case_id": f"k{who}", "kind": "csat"}
    return {**asked, "score": random.randint(1, 5), "answered_at": day}


def _addresses(random: Random, day: str) -> Iterator[Row]:
    for who in WHO:
        yield {
            "customer_id": who,
            "street": f"Kade {random.randint(1, 2)}",
            "postcode": "1011AB",
            "city": "Amsterdam",
            "country": "NL",
            "changed_at": day,
        }


def _unit(random: Random, serial: str, day: str) -> Row:
    """A unit of which a row may speak of the last night's day before it comes."""
    retired = random.random() < 0.3
    return {
        "product_id": "U",
        "serial": serial,
        "customer_id": random.choice(WHO),
        "order_id": random.choice([None, *(f"x{who}" for who in WHO)]),
        "bought_on": random.choice([None, "2026-02-05", LAST]),
        "registered_on": random.choice([None, "2026-02-06"]),
        "last_serviced_on": random.choice([None, day, LAST]),
        "retired_on": random.choice([day, LAST]) if retired else None,
        "retired_how": "recycled" if retired else None,
        "updated_at": day,
    }


def _entry(random: Random, entry_id: str, day: str) -> Row:
    """An entry that may have been somebody else's in another file."""
    whose = random.choice(WHO)
    kind = random.choice(["earned", "spent", "expired"])
    is_named = kind == "earned" or random.random() < 0.5
    return {
        "entry_id": entry_id,
        "customer_id": whose,
        "order_id": f"x{whose}" if is_named else None,
        "kind": kind,
        "points": 40 if kind == "earned" else -5,
        "booked_at": day,
        "expires_on": "2027-03-09" if kind == "earned" else None,
    }


def _referral(random: Random, day: str) -> Row:
    by, brought = random.sample(WHO, 2)
    people = {"referrer_customer_id": by, "referred_customer_id": brought}
    return {"referral_id": f"f{day}", **people, "referred_at": "2026-02-04"}


def _spend(random: Random, channel: str, day: str) -> dict[str, Any]:
    amount = random.randint(10, 90)
    said = {"month": "2026-02-01", "channel": channel, "currency": "EUR"}
    return {**said, "amount": amount, "reported_at": day}


def _event(random: Random, day: str) -> Row:
    return {
        "event_id": "e1",
        "city": "Amsterdam",
        "country": "NL",
        "capacity": random.randint(5, 50),
        "starts_at": "2026-04-01",
        "updated_at": day,
    }
