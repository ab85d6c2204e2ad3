"""By list: the plain rule a marketer would write, and what makes somebody on it the right one.

A rule is SQL over published tables as an analyst can write it; it gives the people, the best first.
`whom` names what of a row the truth is asked about: a person, or a person's unit or category.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studies.list_truth.known_truth import Truth

Measure = Callable[[Truth], Mapping[Any, float]]
As = Literal["share", "euros", "mean"]


@dataclass(frozen=True)
class Question:
    """right: words for what is measured; how: what its mean over people is. detail: a column of the
    list, and the second of the rule, that says which unit or category of a person is meant. most:
    people of a list that are asked about, the first by rank. list_code: where it is not the key."""

    right: str
    how: As
    measure: Measure
    rule_words: str
    rule: str
    world: str = "kettle_and_crane"
    detail: str = ""
    only: str = ""  # condition on the list's people
    most: int = 300
    list_code: str = ""


BOUGHT = """
    select c.customer_id, count(distinct o.ordered_on) as days, max(o.ordered_on) as last_on,
        sum(o.net_sales) as spend, (select as_of from published.live_generation) as as_of
    from published.dim_customers as c
    inner join published.fct_orders as o using (customer_id)
    where o.is_qualifying
    group by c.customer_id
"""


def bought(condition: str, order: str) -> str:
    return f"select customer_id from ({BOUGHT}) as b where {condition} order by {order}, 1"


UNITS_SOLD = """
    select distinct o.customer_id, l.product_id, p.category, o.ordered_on,
        (select as_of from published.live_generation) - o.ordered_on as days_since,
        p.warranty_months, p.service_interval_months, p.expected_life_months
    from published.fct_order_lines as l
    inner join published.fct_orders as o using (order_id)
    inner join published.dim_products as p on l.product_id = p.product_id
    where o.is_qualifying and p.category in (select category from published.fct_units)
"""


def sold(condition: str) -> str:
    return (
        f"select customer_id, product_id from ({UNITS_SOLD}) as s where {condition}"
        " order by ordered_on, 1, 2"
    )


def a_unit(rule_words: str, condition: str) -> Question:
    return Question(
        "still has such a product",
        "share",
        lambda truth: truth.owned,
        rule_words,
        sold(condition),
        detail="unit_id",
    )


LATELY_CONTACTED = (
    "select customer_id from published.fct_campaign_contacts"
    " where sent_on > (select as_of from published.live_generation) - 7"
    " group by customer_id order by max(sent_on) desc, 1"
)
NEXT_YEAR = "net value of the next 365 days"
BY_SPEND = bought("true", "spend desc")

QUESTIONS: dict[str, Question] = {
    "make_it_right": Question(
        "has been served badly",
        "share",
        lambda truth: truth.was_served_badly,
        "a case in the last 30 days",
        "select customer_id from published.fct_service_cases"
        " where opened_on > (select as_of from published.live_generation) - 30"
        " group by customer_id order by max(opened_on) desc, 1",
    ),
    "service_call": Question(
        "has been served badly",
        "share",
        lambda truth: truth.was_served_badly,
        "two cases in the last year",
        "select customer_id from published.fct_service_cases"
        " where opened_on > (select as_of from published.live_generation) - 365"
        " group by customer_id having count(*) > 1 order by max(opened_on) desc, 1",
        world="faults_again",
    ),
    "save_our_best": Question(
        NEXT_YEAR,
        "euros",
        lambda truth: truth.net_next_year,
        "no order for 180 days, best spenders first",
        bought("days > 1 and as_of - last_on >= 180", "spend desc"),
    ),
    "second_purchase": Question(
        "spend that a contact adds in 90 days",
        "euros",
        lambda truth: truth.gain_of("second_purchase"),
        "one order, 30 to 90 days ago",
        bought("days = 1 and as_of - last_on between 30 and 90", "last_on desc"),
    ),
    "slipping_loyalists": Question(
        "has left",
        "share",
        lambda truth: truth.is_gone,
        "four orders or more, none for 180 days",
        bought("days > 3 and as_of - last_on >= 180", "last_on desc"),
    ),
    "service_due": a_unit(
        "sold a service interval ago, within a month",
        "abs(days_since - service_interval_months * 30.4) <= 30",
    ),
    "welcome_customer": Question(
        "buys again within a year",
        "share",
        lambda truth: truth.buys_within_a_year,
        "a second order within 60 days",
        bought("days = 2 and as_of - last_on <= 60", "last_on desc"),
    ),
    "birthday_anniversary": Question(
        NEXT_YEAR,
        "euros",
        lambda truth: truth.net_next_year,
        "everybody's birthday this week",
        "select customer_id from published.dim_customers"
        " cross join published.live_generation as live"
        " where relationship_status in ('trial', 'customer') and birthday_month_day"
        " between to_char(live.as_of, 'MM-DD') and to_char(live.as_of + 7, 'MM-DD') order by 1",
    ),
    "warranty_offer": a_unit(
        "sold with a warranty that ends in 30 to 60 days",
        "days_since - warranty_months * 30.4 between -60 and -30",
    ),
    "reward_lapsing": Question(
        "points lapse within 60 days",
        "share",
        lambda truth: truth.loses_points,
        "the largest balances",
        "select customer_id from published.customer_loyalty order by balance desc, 1",
        only="reason_1_code = 'lapses'",
    ),
    "reorder_due": Question(
        "orders within 30 days, left alone",
        "share",
        lambda truth: truth.buys_anyway("reorder_due"),
        "two orders or more, the last 20 to 50 days ago",
        bought("days > 1 and as_of - last_on between 20 and 50", "last_on"),
    ),
    "trade_in": a_unit("sold a year and a half ago or more", "days_since >= 548"),
    "event_invitation": Question(
        NEXT_YEAR,
        "euros",
        lambda truth: truth.net_next_year,
        "best spenders so far who live in its town",
        f"select b.customer_id from ({BOUGHT}) as b"
        " inner join pii.customer_homes as h using (customer_id)"
        " inner join published.fct_events as e on h.city = e.city and h.country = e.country"
        " where e.is_upcoming order by b.spend desc, 1",
        world="faults_again",
    ),
    "room_to_grow": Question(
        "buys the category elsewhere too",
        "share",
        lambda truth: truth.of_wallets(),
        "a good customer, and a category never bought",
        "select s.customer_id, s.category from published.customer_category_shares as s"
        " inner join published.customer_lifetime_values as v using (customer_id)"
        " where s.share = 0 order by v.net_clv_12m desc, 1, 2",
        world="shared_wallets",
        detail="suggested_category",
    ),
    "win_back": Question(
        "spend that a contact adds in 180 days",
        "euros",
        lambda truth: truth.gain_of("win_back"),
        "no order for a year, best spenders first",
        bought("days > 1 and as_of - last_on >= 365", "spend desc"),
    ),
    "ask_advocates": Question(
        "how much they speak of us (1: no experience with service)",
        "mean",
        lambda truth: truth.of_talk(),
        "three orders or more, best spenders first",
        bought("days > 2", "spend desc"),
        world="word_of_mouth",
    ),
    "design_panel": Question(
        "has been served badly, so knows what to mend",
        "share",
        lambda truth: truth.was_served_badly,
        "best spenders so far",
        BY_SPEND,
        most=30,  # its places
    ),
    "recycle": Question(
        "still has such a product, and it is past its life",
        "share",
        lambda truth: truth.worn_out,
        "the oldest sold",
        sold("true"),
        detail="unit_id",
    ),
    "ad_audiences": Question(
        NEXT_YEAR,
        "euros",
        lambda truth: truth.net_next_year,
        "best spenders so far",
        BY_SPEND,
        only="audience = 'seed'",
    ),
    "rest": Question(
        "chance of opting out at the next contact",
        "mean",
        lambda truth: truth.of_mail(),
        "a contact in the last week",
        LATELY_CONTACTED,
        world="weary_inboxes",
    ),
    "rest_by_cost": Question(
        "expected cost of the next contact: that chance × net value of the next 365 days",
        "euros",
        lambda truth: truth.cost_of_mail(),
        "a contact in the last week",
        LATELY_CONTACTED,
        world="weary_inboxes",
        list_code="rest",
    ),
}
