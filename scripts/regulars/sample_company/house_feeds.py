"""The nine feeds of the house format: which row is delivered on which night, saying what.

A thing that changes (an order on its way, a case being answered) is delivered again on the
night of each change, as it stood at the end of that day.
"""

from __future__ import annotations

import numpy as np

import regulars.sample_company.care as care
import regulars.sample_company.company as firm
import regulars.sample_company.customer_texts as customer_texts
import regulars.sample_company.people as people
import regulars.sample_company.returns as returns
import regulars.sample_company.service as service
import regulars.sample_company.surveys as opinions
from regulars.sample_company.catalogue import CATEGORIES
from regulars.sample_company.columns import (
    At,
    Cents,
    Column,
    Dates,
    Either,
    Flags,
    Ids,
    Joined,
    Labels,
    Stamps,
    Texts,
    Whole,
)
from regulars.sample_company.company import Company
from regulars.sample_company.feed import Feed, Versions, build_feed, versions
from regulars.sample_company.localtime import DAY, HOUR, MISSING, to_instant

STATUSES = ("pending", "paid", "shipped", "delivered", "cancelled")
PENDING, PAID, SHIPPED, DELIVERED, CANCELLED = range(5)


def customer_ids(customer: np.ndarray) -> Ids:
    return Ids("C", np.where(customer < 0, -1, customer + 1))


def serials(product: np.ndarray, number: np.ndarray) -> Joined:
    """What stands on the plate of a unit; empty for a negative number."""
    return Joined(
        (
            Ids("KC", np.where(number < 0, -1, product + 1), 3),
            Ids("-", np.where(number < 0, -1, number * 7 + 100_003), 7),
        )
    )


def order_numbers(c: Company) -> np.ndarray:
    """Number of each order, by time: what its order_id shows."""
    order = np.lexsort((np.arange(len(c.orders.ordered_at)), c.orders.ordered_at))
    numbers = np.empty(len(order), dtype=np.int64)
    numbers[order] = np.arange(len(order)) + 1
    return numbers


def foreign_orders(c: Company, numbers: np.ndarray, nights: range) -> list[str]:
    """Ids of the orders of these nights that are in dollars, by mistake."""
    night = c.night(c.orders.ordered_at)
    foreign = (c.orders.currency == firm.USD) & (night >= nights.start) & (night < nights.stop)
    in_order = np.sort(numbers[foreign])
    return Ids("O", in_order, 8).text(np.arange(len(in_order))).to_pylist()


def all_feeds(c: Company, numbers: np.ndarray) -> list[Feed]:
    """Sales, service and care of the company, in the order of the house format.

    numbers: of each order, as its order_id shows it.
    """
    return [
        customers(c),
        products(c),
        orders(c, numbers),
        order_lines(c, numbers),
        refunds(c, numbers),
        cases(c, numbers),
        surveys(c),
        consents(c),
        campaign_contacts(c),
    ]


def customers(c: Company) -> Feed:
    who = c.who
    change_at = np.where(who.update_kind > 0, who.update_at, MISSING)
    v = versions(c, [(who.created_at, 0), (change_at, 1)])
    changed = np.where(v.state == 1, who.update_kind[v.entity], 0)
    email_before, email_after = people.emails(who)
    phone_before, phone_after = people.phones(who)

    def of(column: Column) -> At:
        return At(column, v.entity)

    def now(kind: int, before: Column, after: Column) -> Either:
        return Either(changed == kind, of(before), of(after))

    columns: dict[str, Column] = {
        "customer_id": of(customer_ids(np.arange(len(who)))),
        "email": now(2, email_before, email_after),
        "phone": now(1, Texts(phone_before), Texts(phone_after)),
        "first_name": of(Labels(who.first_name, who.first_names)),
        "last_name": of(Labels(who.last_name, who.last_names)),
        "birth_date": of(Dates(who.birth)),
        "anniversary": of(Dates(who.anniversary)),
        "language": of(Labels(who.language, people.LANGUAGES)),
        "country": of(Labels(who.country, people.COUNTRIES)),
        "timezone": of(Labels(who.zone, people.TIMEZONES)),
        "preferred_channel": now(
            3, Labels(who.channel, people.CHANNELS), Labels((who.channel + 1) % 3, people.CHANNELS)
        ),
        "is_staff": of(Flags(who.is_staff)),
        "created_at": of(Stamps(who.created_at)),
        "updated_at": Stamps(v.at),
    }
    return build_feed("customers", v.night, v.at, columns, c.nights)


def products(c: Company) -> Feed:
    shop = c.shop
    size = len(shop.names)
    changed = np.ones(shop.price.shape, dtype=bool)
    changed[1:] = (np.diff(shop.price, axis=0) != 0) | (np.diff(shop.cost, axis=0) != 0)
    version, product = np.nonzero(changed)
    night = shop.from_night[version]
    at = to_instant((c.first_day + night) * DAY + 5 * HOUR)
    columns: dict[str, Column] = {
        "product_id": Ids("P", product + 1, 4),
        "name": At(Labels(np.arange(size), shop.names), product),
        "category": Labels(shop.category[product], CATEGORIES),
        "unit_cost": Cents(shop.cost[version, product]),
        "list_price": Cents(shop.price[version, product]),
        "warranty_months": Whole(shop.warranty[product]),
        "expected_life_months": Whole(shop.life[product]),
        "service_interval_months": Whole(shop.interval[product]),
        "updated_at": Stamps(at),
    }
    return build_feed("products", night, product, columns, c.nights)


def orders(c: Company, numbers: np.ndarray) -> Feed:
    o = c.orders
    transfer = o.paid_at != o.ordered_at
    v = versions(
        c,
        [
            (np.where(transfer, o.ordered_at, MISSING), PENDING),
            (o.paid_at, PAID),
            (o.shipped_at, SHIPPED),
            (o.delivered_at, DELIVERED),
            (o.cancelled_at, CANCELLED),
        ],
    )
    e = v.entity
    delivered = np.where(v.state == DELIVERED, o.delivered_at[e], MISSING)
    columns: dict[str, Column] = {
        "order_id": Ids("O", numbers[e], 8),
        "customer_id": customer_ids(_booked_on(c, numbers, v)),
        "ordered_at": Stamps(o.ordered_at[e]),
        "status": Labels(v.state, STATUSES),
        "order_type": Labels(o.order_type[e], firm.TYPES),
        "currency": Labels(o.currency[e], c.currencies),
        "shipping_cost": Cents(o.shipping[e]),
        "payment_fee": Cents(o.fee[e]),
        "channel": Labels(o.channel[e], firm.CHANNELS),
        "delivered_at": Stamps(delivered),
        "updated_at": Stamps(v.at),
    }
    return build_feed("orders", v.night, v.at, columns, c.nights)


def _booked_on(c: Company, numbers: np.ndarray, v: Versions) -> np.ndarray:
    """Whose account each version says. Some orders start on a neighbour's by mistake.

    It is moved to the right one by the time it arrives, so what is true in the end stays true.
    """
    o = c.orders
    arrives = c.night(o.delivered_at)
    chosen = numbers % c.world.handling.misbooked_one_in == 3
    mistaken = chosen & (arrives >= 0) & (arrives < c.nights) & (o.customer > 0)
    return o.customer[v.entity] - (mistaken[v.entity] & (v.state != DELIVERED))


def order_lines(c: Company, numbers: np.ndarray) -> Feed:
    lines = c.lines
    at = c.orders.ordered_at[lines.order]
    # Some discounts are settled days after the sale: a voucher sent in late.
    chosen = np.arange(len(at)) % c.world.handling.late_discount_one_in == 17
    is_late = chosen & (lines.discount > 0)
    v = versions(c, [(at, 0), (np.where(is_late, at + 5 * DAY, MISSING), 1)])
    e = v.entity
    discount = lines.discount[e]
    tie = numbers[lines.order[e]] * 16 + lines.line_no[e]
    columns: dict[str, Column] = {
        "order_id": Ids("O", numbers[lines.order[e]], 8),
        "line_no": Whole(lines.line_no[e]),
        "product_id": Ids("P", lines.product[e] + 1, 4),
        "quantity": Whole(lines.quantity[e]),
        "unit_price": Cents(lines.unit_price[e]),
        "discount": Cents(np.where(is_late[e] & (v.state == 0), discount // 2, discount)),
        "updated_at": Stamps(v.at),
    }
    return build_feed("order_lines", v.night, tie, columns, c.nights)


def refunds(c: Company, numbers: np.ndarray) -> Feed:
    r = c.refunds
    later = np.where(r.booked_at != r.refunded_at, r.booked_at, MISSING)
    v = versions(c, [(r.refunded_at, 0), (later, 1)])
    e = v.entity
    known = (v.state == 1) | (later[e] == MISSING)
    line = r.line[e]
    columns: dict[str, Column] = {
        "refund_id": Ids("R", e + 1),
        "order_id": Ids("O", numbers[c.lines.order[line]], 8),
        "line_no": Whole(c.lines.line_no[line]),
        "refunded_at": Stamps(r.refunded_at[e]),
        "quantity": Whole(r.quantity[e]),
        "amount": Cents(r.amount[e]),
        "is_restocked": Flags(r.is_restocked[e]),
        "reason": Labels(r.reason[e], returns.REASONS),
        "handling_cost": Cents(np.where(known, r.handling[e], -1)),
        "updated_at": Stamps(v.at),
    }
    return build_feed("refunds", v.night, v.at, columns, c.nights)


def cases(c: Company, numbers: np.ndarray) -> Feed:
    k = c.cases
    v = versions(
        c,
        [
            (k.opened_at, 0),
            (k.first_reply_at, 1),
            (k.resolved_at, 2),
            (k.reopened_at, 3),
            (k.resolved_again_at, 4),
        ],
    )
    e = v.entity
    resolved = np.select(
        [v.state == 2, v.state == 4], [k.resolved_at[e], k.resolved_again_at[e]], MISSING
    )
    is_over = np.isin(v.state, (2, 4))
    spent = np.where(
        is_over, k.agent_minutes[e], np.where(v.state == 0, 0, k.agent_minutes[e] // 3)
    )
    order = k.order[e]
    columns: dict[str, Column] = {
        "case_id": Ids("K", e + 1),
        "customer_id": customer_ids(k.customer[e]),
        "order_id": Ids("O", np.where(order < 0, -1, numbers[np.maximum(order, 0)]), 8),
        "product_id": Ids("P", np.where(k.product[e] < 0, -1, k.product[e] + 1), 4),
        "serial": serials(k.product[e], k.serial[e]),
        "kind": Labels(k.kind[e], service.KINDS),
        "subject": _subjects(c, e),
        "opened_at": Stamps(k.opened_at[e]),
        "first_reply_at": Stamps(np.where(v.state >= 1, k.first_reply_at[e], MISSING)),
        "resolved_at": Stamps(resolved),
        "reopened_count": Whole(np.where(v.state >= 3, 1, 0)),
        "promised_reply_minutes": Whole(k.promised_minutes[e]),
        "agent_minutes": Whole(spent),
        "goodwill_cost": Cents(np.where(is_over, k.goodwill[e], 0)),
        "reason": Labels(k.reason[e], service.REASONS),
        "updated_at": Stamps(v.at),
    }
    return build_feed("cases", v.night, v.at, columns, c.nights)


def _subjects(c: Company, case: np.ndarray) -> Column:
    k = c.cases
    language = c.who.language[k.customer[case]]
    place = (language * len(service.KINDS) + k.kind[case]) * customer_texts.WORDINGS + k.wording[
        case
    ]
    asked = np.where(k.product[case] < 0, len(c.shop.names), k.product[case])
    names = Labels(asked, (*c.shop.names, "Kettle & Crane"))
    return Joined((Labels(place, customer_texts.subject_table()), " ", names))


def surveys(c: Company) -> Feed:
    s = c.surveys
    e = np.arange(len(s.customer))
    classes = c.who.language[s.customer] * customer_texts.CLASSES + s.comment
    wording = classes * customer_texts.WORDINGS + e % 3
    columns: dict[str, Column] = {
        "survey_id": Ids("S", e + 1),
        "customer_id": customer_ids(s.customer),
        "case_id": Ids("K", np.where(s.case < 0, -1, s.case + 1)),
        "kind": Labels(s.kind, opinions.KINDS),
        "score": Whole(s.score),
        "comment": Labels(np.where(s.comment < 0, -1, wording), customer_texts.comment_table()),
        "answered_at": Stamps(s.answered_at),
    }
    return build_feed("surveys", c.night(s.answered_at), s.answered_at, columns, c.nights)


def consents(c: Company) -> Feed:
    g = c.consents
    columns: dict[str, Column] = {
        "customer_id": customer_ids(g.customer),
        "channel": Labels(g.channel, care.CHANNELS),
        "purpose": Labels(g.purpose, care.PURPOSES),
        "changed_at": Stamps(g.changed_at),
        "is_granted": Flags(g.is_granted),
    }
    return build_feed("consents", c.night(g.changed_at), g.changed_at, columns, c.nights)


def campaign_contacts(c: Company) -> Feed:
    m = c.contacts
    e = np.arange(len(m.customer))
    columns: dict[str, Column] = {
        "contact_id": Ids("M", e + 1, 8),
        "list_code": Labels(m.list_code, m.lists),
        "customer_id": customer_ids(m.customer),
        "channel": Labels(m.channel, care.CHANNELS),
        "sent_at": Stamps(m.sent_at),
        "outcome": Labels(m.outcome, care.OUTCOMES),
    }
    return build_feed("campaign_contacts", c.night(m.sent_at), m.sent_at, columns, c.nights)
