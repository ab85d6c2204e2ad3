"""The feeds of a life after the sale: which row is delivered on which night, saying what.

They come after the nine of `house_feeds`, with random streams of their own, so that those stay as
they are; and only on nights that have something to say.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import regulars.sample_company.after_sale.addresses as places
import regulars.sample_company.after_sale.identities as merging
import regulars.sample_company.after_sale.loyalty as points
import regulars.sample_company.after_sale.promotion as promotion
import regulars.sample_company.after_sale.referrals as word_of_mouth
import regulars.sample_company.after_sale.units as owned
from regulars.sample_company.after_sale.farewells import Farewells
from regulars.sample_company.after_sale.households import Kinship
from regulars.sample_company.columns import (
    Cents,
    Column,
    Dates,
    Flags,
    Ids,
    Labels,
    Millionths,
    Signed,
    Stamps,
    Whole,
)
from regulars.sample_company.company import Company
from regulars.sample_company.exchange import Rates
from regulars.sample_company.feed import Feed, build_feed, versions
from regulars.sample_company.house_feeds import customer_ids, serials
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
    if c.rates is not None:
        yield fx_rates(c, c.rates)


def addresses(seed: int, c: Company, kin: Kinship) -> Feed:
    given = places.addresses(seed, c.who, kin, c.world.household)
    columns: dict[str, Column] = {
        "customer_id": customer_ids(given.customer),
        **places.written(seed, c.who, given),
        "country": Labels(c.who.country[given.customer], COUNTRIES),
        "changed_at": Stamps(given.changed_at),
    }
    return _row_each(c, "addresses", given.changed_at, columns)


def identities(seed: int, c: Company, kin: Kinship) -> Feed:
    merges = merging.identities(seed, c.who, kin, c.world.household)
    columns: dict[str, Column] = {
        "old_customer_id": customer_ids(merges.old),
        "customer_id": customer_ids(merges.customer),
        "is_merged": Flags(merges.is_merged),
        "changed_at": Stamps(merges.changed_at),
    }
    return _row_each(c, "identities", merges.changed_at, columns)


def units(seed: int, c: Company, numbers: np.ndarray) -> Feed:
    """A unit is delivered again when it is registered, serviced, retired, and registered anew."""
    u = owned.units(seed, c)
    v = versions(
        c,
        [
            (u.known_at, 0),
            (u.registered_at, 1),
            *((at, 2) for at in u.serviced_at),
            (u.retired_at, 3),
            (u.resold_at, 4),
        ],
    )
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
    columns: dict[str, Column] = {
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
    }
    return build_feed("units", v.night, v.at, columns, c.nights)


def loyalty(seed: int, c: Company, numbers: np.ndarray) -> Feed:
    entry = points.ledger(seed, c)
    columns: dict[str, Column] = {
        "entry_id": Ids("L", np.arange(len(entry.kind)) + 1, 8),
        "customer_id": customer_ids(entry.customer),
        "order_id": Ids("O", numbers[entry.order], 8),
        "kind": Labels(entry.kind, points.KINDS),
        "points": Signed(entry.points),
        "booked_at": Stamps(entry.booked_at),
        "expires_on": Dates(entry.expires_on),
    }
    return _row_each(c, "loyalty", entry.booked_at, columns)


def referrals(seed: int, c: Company) -> Feed:
    brought = word_of_mouth.referrals(seed, c)
    columns: dict[str, Column] = {
        "referral_id": Ids("F", np.arange(len(brought.at)) + 1),
        "referrer_customer_id": customer_ids(brought.referrer),
        "referred_customer_id": customer_ids(brought.referred),
        "referred_at": Stamps(brought.at),
    }
    return _row_each(c, "referrals", brought.at, columns)


def deaths(c: Company, left: Farewells) -> Feed:
    """The dead, those taken for dead, and the latter once more, alive."""
    told_at = np.concatenate([left.told_at, left.mistaken_at, left.withdrawn_at])
    withdrawn = np.arange(len(told_at)) >= len(left.dead) + len(left.mistaken)
    died_at = np.concatenate([left.died_at, left.mistaken_at - DAY, left.withdrawn_at])
    columns: dict[str, Column] = {
        "customer_id": customer_ids(np.concatenate([left.dead, left.mistaken, left.mistaken])),
        "died_on": Dates(np.where(withdrawn, MISSING, local_day(died_at))),
        "is_withdrawn": Flags(withdrawn),
        "reported_at": Stamps(told_at),
    }
    return _row_each(c, "deaths", told_at, columns)


def erasure_requests(c: Company, left: Farewells) -> Feed:
    columns: dict[str, Column] = {
        "request_id": Ids("E", np.arange(len(left.erased)) + 1, 6),
        "customer_id": customer_ids(left.erased),
        "is_withdrawn": Flags(np.zeros(len(left.erased), dtype=bool)),
        "requested_at": Stamps(left.asked_at),
    }
    return _row_each(c, "erasure_requests", left.asked_at, columns)


def marketing_spend(seed: int, c: Company) -> Feed:
    cost = promotion.spend(seed, c.who, c.first_day, c.nights)
    columns: dict[str, Column] = {
        "month": Dates(cost.month),
        "channel": Labels(cost.channel, promotion.CHANNELS),
        "amount": Cents(cost.cents),
        "currency": Labels(np.zeros_like(cost.channel), ("EUR",)),
        "reported_at": Stamps(cost.reported_at),
    }
    return _row_each(c, "marketing_spend", cost.reported_at, columns)


def events(seed: int, c: Company) -> Feed:
    given = promotion.events(seed, c.first_day, c.nights)
    town = given.country * len(places.TOWNS[0]) + given.town
    names = tuple(name for row in places.TOWNS for name, _ in row)
    columns: dict[str, Column] = {
        "event_id": Ids("V", np.arange(len(given.name)) + 1, 4),
        "name": Labels(given.name, promotion.EVENTS),
        "city": Labels(town, names),
        "country": Labels(given.country, COUNTRIES),
        "capacity": Whole(given.capacity),
        "starts_at": Stamps(given.starts_at),
        "ends_at": Stamps(given.starts_at + 2 * HOUR),
        "updated_at": Stamps(given.announced_at),
    }
    return _row_each(c, "events", given.announced_at, columns)


def fx_rates(c: Company, rates: Rates) -> Feed:
    """Each working day's rate, at the end of that day."""
    day = rates.first_day + np.flatnonzero(rates.is_published)
    columns: dict[str, Column] = {
        "date": Dates(day),
        "currency": Labels(np.zeros_like(day), (rates.currency,)),
        "rate": Millionths(rates.micros[rates.is_published]),
    }
    return build_feed("fx_rates", day - c.first_day, day, columns, c.nights)


def _row_each(c: Company, name: str, at: np.ndarray, columns: dict[str, Column]) -> Feed:
    """A feed with one row per thing, on the night of its instant."""
    return build_feed(name, c.night(at), at, columns, c.nights)


def _day(instants: np.ndarray) -> np.ndarray:
    """Local days; MISSING stays."""
    known = np.where(instants == MISSING, 0, instants)
    return np.where(instants == MISSING, MISSING, local_day(known))
