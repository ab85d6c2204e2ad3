"""What is true besides, where a world asks for it: wallets, weary readers, word of mouth, rates.

A table each, of the last night; a world without the thing has no table of it.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

import regulars.sample_company.fatigue as fatigue
import regulars.sample_company.wallets as wallets_of
from regulars.sample_company.after_sale.referrals import EXPERIENCES, experience, referrals, talk
from regulars.sample_company.care import COMPLAINED, UNSUBSCRIBED
from regulars.sample_company.catalogue import CATEGORIES
from regulars.sample_company.columns import Dates, Ids
from regulars.sample_company.company import SALE, Company
from regulars.sample_company.exchange import Rates
from regulars.sample_company.localtime import DAY, HOUR, MISSING, local_day, to_instant
from regulars.sample_company.spend import Baskets


def tables(seed: int, c: Company) -> dict[str, pa.Table]:
    """Name of the file -> table, of what the company's world asks for."""
    world = c.world
    made: dict[str, pa.Table] = {}
    if world.wallet.shared_share > 0:
        made["wallets"] = wallets(seed, c)
    if world.care.mail_wearies:
        made["mail_fatigue"] = mail_fatigue(c)
    if (world.after_sale.talk_if_served_well, world.after_sale.talk_if_served_badly) != (1.0, 1.0):
        made["word_of_mouth"] = word_of_mouth(seed, c)
    if c.rates is not None:
        made["exchange_rates"] = exchange_rates(c.rates)
    return made


def wallets(seed: int, c: Company) -> pa.Table:
    """A row per customer and category: what they spent on it here and with the competitor.

    Own orders and errands, cancelled ones too, after discount; *_next_365d: after the last night.
    """
    is_shared = wallets_of.shared(seed, c.world.wallet, len(c.who))
    customer, category = (index.ravel() for index in np.indices(is_shared.shape))
    columns = {
        f"{name}{when}_eur": np.round(_by_category(c, lines, is_past), 2).ravel()
        for when, is_past in (("", True), ("_next_365d", False))
        for name, lines in (("spend", c.lines), ("spend_elsewhere", c.elsewhere))
    }
    return pa.table(
        {
            "customer_id": Ids("C", customer + 1).text(np.arange(len(customer))),
            "category": pa.array(CATEGORIES).take(pa.array(category)),
            "is_shared": is_shared.ravel(),
            **columns,
        }
    )


def _by_category(c: Company, lines: Baskets, is_past: bool) -> np.ndarray:
    """Euros, shape (customers, categories)."""
    night = c.night(c.orders.ordered_at)
    counts = (c.orders.order_type == SALE) & ((night < c.nights) == is_past)
    place = c.orders.customer[lines.order] * len(CATEGORIES) + c.shop.category[lines.product]
    euros = lines.net * counts[lines.order] / 100
    if lines is c.lines:  # the competitor takes euros
        euros = euros * c.euros_per_unit[lines.order]
    size = len(c.who) * len(CATEGORIES)
    return np.bincount(place, weights=euros, minlength=size).reshape(-1, len(CATEGORIES))


def mail_fatigue(c: Company) -> pa.Table:
    """A row per customer: newsletters so far, and what the next one would meet.

    opt_out_chance: that a newsletter on the morning after the last night would be the last one
    wanted; opted_out_on: when one was, null for who still wants them.
    """
    mail, size = c.contacts, len(c.who)
    past = c.night(mail.sent_at) < c.nights
    customer, sent_at = mail.customer[past], mail.sent_at[past]
    morning = to_instant(np.full(size, (c.first_day + c.nights) * DAY + 9 * HOUR))
    level = fatigue.before(
        np.concatenate([np.arange(size), customer]),
        np.concatenate([morning, sent_at]),
        c.world.response,
    )[:size]
    last = np.isin(mail.outcome[past], (UNSUBSCRIBED, COMPLAINED))
    opted_out_on = np.full(size, MISSING)
    opted_out_on[customer[last]] = local_day(sent_at[last])
    index = np.arange(size)
    return pa.table(
        {
            "customer_id": Ids("C", index + 1).text(index),
            "newsletters": np.bincount(customer, minlength=size),
            "weariness": level,
            "opt_out_chance": fatigue.opt_out_chance(level, c.world.response),
            "opted_out_on": Dates(opted_out_on).text(index).cast(pa.date32()),
        }
    )


def word_of_mouth(seed: int, c: Company) -> pa.Table:
    """A row per customer: how they were served by the last night, how much they speak of us for
    it, over what who never had a case says, and how many people they have brought."""
    index = np.arange(len(c.who))
    end = to_instant(np.full(len(index), (c.first_day + c.nights) * DAY))
    brought = referrals(seed, c)
    return pa.table(
        {
            "customer_id": Ids("C", index + 1).text(index),
            "experience": pa.array(EXPERIENCES).take(pa.array(experience(c, index, end))),
            "talk": talk(c, index, end),
            "people_brought": np.bincount(brought.referrer, minlength=len(index)),
        }
    )


def exchange_rates(rates: Rates) -> pa.Table:
    """A row per day, those after the last night and the weekends too: the rate that holds."""
    day = rates.first_day + np.arange(len(rates.micros))
    return pa.table(
        {
            "date": Dates(day).text(np.arange(len(day))).cast(pa.date32()),
            "currency": pa.repeat(pa.scalar(rates.currency), len(day)),
            "rate": rates.micros / 10**6,
            "is_published": rates.is_published,
        }
    )
