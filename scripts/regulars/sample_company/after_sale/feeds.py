"""The feeds of a life after the sale: which row is delivered on which night, saying what.

They come after the nine of `feeds`, with random streams of their own, so that those stay as they
are; and only on nights that have something to say.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from regulars.sample_company.after_sale import addresses as places
from regulars.sample_company.after_sale import identities as merging
from regulars.sample_company.after_sale import loyalty as points
from regulars.sample_company.after_sale import promotion
from regulars.sample_company.after_sale import referrals as word_of_mouth
from regulars.sample_company.after_sale import units as owned
from regulars.sample_company.after_sale.farewells import Farewells
from regulars.sample_company.after_sale.households import Kinship
from regulars.sample_company.columns import Cents, Column, Dates, Flags, Ids, Labels, Stamps, Whole
from regulars.sample_company.company import Company
from regulars.sample_company.feeds import Feed, build_feed, customer_ids, serials, versions
from regulars.sample_company.localtime import DAY, HOUR, MISSING, local_day
from regulars.sample_company.people import COUNTRIES


def life_feeds(
    seed: int, c: Company, kin: Kinship, left: Farewells, numbers: np.ndarray
) -> Iterator[Feed]:
    """Every further feed of the company, made one at a time.

    numbers: of each order, as its order_id shows it.
    """
    yield addresses(seed, c, kin)
    yield identities(seed, c, kin)
    yield units(seed, c, numbers)
    yield loyalty(seed, c, numbers)
    yield referrals(seed, c)
    yield deaths(c, left)
    yield erasure_requests(c, left)
    yield marketing_spend(seed, c)
    yield events(seed, c)


def addresses(seed: int, c: Company, kin: Kinship) -> Feed:
    found = places.addresses(seed, c.who, kin)
    return _one_each(c, "addresses", found.changed_at, {
        "customer_id": customer_ids(found.customer),
        **places.written(seed, c.who, found),
        "country": Labels(c.who.country[found.customer], COUNTRIES),
        "changed_at": Stamps(found.changed_at),
    })  # fmt: skip


def identities(seed: int, c: Company, kin: Kinship) -> Feed:
    found = merging.identities(seed, c.who, kin)
    return _one_each(c, "identities", found.changed_at, {
        "old_customer_id": customer_ids(found.old),
        "customer_id": customer_ids(found.customer),
        "is_merged": Flags(found.is_merged),
        "changed_at": Stamps(found.changed_at),
    })  # fmt: skip


def units(seed: int, c: Company, numbers: np.ndarray) -> Feed:
    """A unit is delivered again when it is registered, serviced, retired, and registered anew."""
    u = owned.units(seed, c)
    v = versions(c, [
        (u.known_at, 0), (u.registered_at, 1), *((at, 2) for at in u.serviced_at),
        (u.retired_at, 3), (u.resold_at, 4),
    ])  # fmt: skip
    e, now = v.entity, v.at
    again = (u.resold_at[e] != MISSING) & (now >= u.resold_at[e])
    over = (now >= u.retired_at[e]) & ~again
    registered = np.where(again, u.resold_at[e], u.registered_at[e])
    serviced = np.where(u.serviced_at[:, e] <= now, u.serviced_at[:, e], MISSING).max(axis=0)
    bought_on, serviced_on = local_day(u.bought_at[e]), _day(serviced)
    interval, warranty = c.shop.interval[u.product[e]], c.shop.warranty[u.product[e]]
    due = owned.add_months(
        np.where(serviced == MISSING, bought_on, serviced_on), np.maximum(interval, 0)
    )
    return build_feed("units", v.night, v.at, {
        "product_id": Ids("P", u.product[e] + 1, 4),
        "serial": serials(u.product[e], u.number[e]),
        "customer_id": customer_ids(np.where(again, u.owner_after[e], u.customer[e])),
        "order_id": Ids("O", np.where(u.order[e] < 0, -1, numbers[u.order[e]]), 8),
        "bought_on": Dates(bought_on),
        "registered_on": Dates(_day(np.where(registered <= now, registered, MISSING))),
        "warranty_ends_on": Dates(owned.add_months(bought_on, np.maximum(warranty, 0))),
        "last_serviced_on": Dates(serviced_on),
        "next_service_due_on": Dates(np.where((interval > 0) & ~over, due, MISSING)),
        "retired_on": Dates(_day(np.where(over, u.retired_at[e], MISSING))),
        "retired_how": Labels(np.where(over, u.how[e], -1), owned.HOW),
        "updated_at": Stamps(v.at),
    }, c.nights)  # fmt: skip


def loyalty(seed: int, c: Company, numbers: np.ndarray) -> Feed:
    entry = points.ledger(seed, c)
    return _one_each(c, "loyalty", entry.booked_at, {
        "entry_id": Ids("L", np.arange(len(entry.kind)) + 1, 8),
        "customer_id": customer_ids(entry.customer),
        "order_id": Ids("O", numbers[entry.order], 8),
        "kind": Labels(entry.kind, points.KINDS),
        "points": points.Signed(entry.points),
        "booked_at": Stamps(entry.booked_at),
        "expires_on": Dates(entry.expires_on),
    })  # fmt: skip


def referrals(seed: int, c: Company) -> Feed:
    found = word_of_mouth.referrals(seed, c.who, c.first_day)
    return _one_each(c, "referrals", found.at, {
        "referral_id": Ids("F", np.arange(len(found.at)) + 1),
        "referrer_customer_id": customer_ids(found.referrer),
        "referred_customer_id": customer_ids(found.referred),
        "referred_at": Stamps(found.at),
    })  # fmt: skip


def deaths(c: Company, left: Farewells) -> Feed:
    """The dead, those taken for dead, and the latter once more, alive."""
    told_at = np.concatenate([left.told_at, left.mistaken_at, left.withdrawn_at])
    withdrawn = np.arange(len(told_at)) >= len(left.dead) + len(left.mistaken)
    died_at = np.concatenate([left.died_at, left.mistaken_at - DAY, left.withdrawn_at])
    return _one_each(c, "deaths", told_at, {
        "customer_id": customer_ids(np.concatenate([left.dead, left.mistaken, left.mistaken])),
        "died_on": Dates(np.where(withdrawn, MISSING, local_day(died_at))),
        "is_withdrawn": Flags(withdrawn),
        "reported_at": Stamps(told_at),
    })  # fmt: skip


def erasure_requests(c: Company, left: Farewells) -> Feed:
    return _one_each(c, "erasure_requests", left.asked_at, {
        "request_id": Ids("E", np.arange(len(left.erased)) + 1, 6),
        "customer_id": customer_ids(left.erased),
        "is_withdrawn": Flags(np.zeros(len(left.erased), dtype=bool)),
        "requested_at": Stamps(left.asked_at),
    })  # fmt: skip


def marketing_spend(seed: int, c: Company) -> Feed:
    cost = promotion.spend(seed, c.who, c.first_day, c.nights)
    return _one_each(c, "marketing_spend", cost.reported_at, {
        "month": Dates(cost.month),
        "channel": Labels(cost.channel, promotion.CHANNELS),
        "amount": Cents(cost.cents),
        "currency": Labels(np.zeros_like(cost.channel), ("EUR",)),
        "reported_at": Stamps(cost.reported_at),
    })  # fmt: skip


def events(seed: int, c: Company) -> Feed:
    given = promotion.events(seed, c.first_day, c.nights)
    town = given.country * len(places.TOWNS[0]) + given.town
    names = tuple(name for row in places.TOWNS for name, _ in row)
    return _one_each(c, "events", given.announced_at, {
        "event_id": Ids("V", np.arange(len(given.name)) + 1, 4),
        "name": Labels(given.name, promotion.EVENTS),
        "city": Labels(town, names),
        "country": Labels(given.country, COUNTRIES),
        "capacity": Whole(given.capacity),
        "starts_at": Stamps(given.starts_at),
        "ends_at": Stamps(given.starts_at + 2 * HOUR),
        "updated_at": Stamps(given.announced_at),
    })  # fmt: skip


def _one_each(c: Company, name: str, at: np.ndarray, columns: dict[str, Column]) -> Feed:
    """A feed with one row per thing, on the night of its instant."""
    return build_feed(name, c.night(at), at, columns, c.nights)


def _day(instants: np.ndarray) -> np.ndarray:
    """Local days; MISSING stays."""
    known = np.where(instants == MISSING, 0, instants)
    return np.where(instants == MISSING, MISSING, local_day(known))
