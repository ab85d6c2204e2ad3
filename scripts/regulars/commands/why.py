"""`regulars why CUSTOMER`: why a value is what it is tonight, from the published tables alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from math import ceil
from typing import Any, LiteralString

import click
from psycopg.rows import dict_row

from regulars import phrases
from regulars.commands.inspection import Unknown, check_customer, check_published
from regulars.commands.output import JSON, say, say_json
from regulars.report import bridge, earned_words, words
from regulars.settings import ROLES, Settings
from regulars.warehouse import connect

Row = dict[str, Any]

WITHOUT_RATE = "in a currency without a rate"
AMOUNT = "_amount"  # ends the names of the columns that, in order, lead from before to now

CHANGES: LiteralString = "select * from published.customer_value_changes where customer_id = %s"

# One row: all that the story tells. Nothing of it says who they are but the id that was asked for.
STORY: LiteralString = """
with person as (select %(customer)s as customer_id)

select
    (select as_of from published.live_generation) as as_of,
    farewells.is_deceased,
    farewells.is_erasure_requested,
    farewells.is_in_doubt,
    dim.relationship_status,
    dim.days_to_second_purchase,
    bought.first_purchase_on,
    bought.last_purchase_on,
    bought.purchase_days,
    bought.valued_purchase_days,
    bought.median_gap_days,
    bought.net_sales,
    worth.historic_margin,
    worth.probability_alive,
    worth.purchase_probability_12m,
    worth.expected_orders_12m,
    worth.expected_order_value,
    worth.margin_rate,
    worth.cost_to_serve_12m,
    worth.net_clv_12m,
    worth.net_clv_lifetime,
    worth.lifecycle_status,
    worth.value_tier,
    worth.model,
    worth.expected_next_order_on,
    worth.next_order_window_starts_on,
    worth.next_order_window_ends_on,
    returns.refunds,
    returns.refunds_without_rate,
    returns.refunded_amount,
    service.service_contacts_365d,
    service.breaches_365d,
    service.last_csat,
    service.has_open_complaint,
    units.units,
    units.service_due_on,
    points.balance,
    points.loyalty_tier,
    brought.brought_buyers,
    brought.brought_margin,
    months.month_end,
    months.month_value,
    inputs.explained_since
from person
left join published.dim_customers as dim using (customer_id)
left join published.customer_farewells as farewells using (customer_id)
left join published.customer_purchase_summaries as bought using (customer_id)
left join published.customer_lifetime_values as worth using (customer_id)
left join published.customer_service_summaries as service using (customer_id)
left join published.customer_loyalty as points using (customer_id)
left join published.customer_referrals as brought using (customer_id)
left join (
    select
        refunds.customer_id,
        count(orders.exchange_rate) as refunds,
        count(*) - count(orders.exchange_rate) as refunds_without_rate,
        sum(case when orders.exchange_rate is not null then refunds.amount end) as refunded_amount
    from published.fct_refunds as refunds
    inner join published.fct_orders as orders using (order_id)
    where refunds.customer_id = %(customer)s and not refunds.is_held
    group by refunds.customer_id
) as returns using (customer_id)
left join (
    select
        customer_id,
        cast(sum(quantity) as integer) as units,
        min(next_service_due_on) as service_due_on
    from published.fct_units
    where customer_id = %(customer)s and status = 'owned'
    group by customer_id
) as units using (customer_id)
left join (
    select distinct on (customer_id) customer_id, month_end, net_clv_12m as month_value
    from published.customer_month_values
    where customer_id = %(customer)s
        and month_end < (select as_of from published.live_generation)
    order by customer_id, month_end desc
) as months using (customer_id)
left join (
    select customer_id, max(valid_from) as explained_since
    from published.customer_value_history
    where customer_id = %(customer)s
    group by customer_id
) as inputs using (customer_id)
"""


@dataclass(frozen=True)
class Why:
    """Somebody's bridge, if there is a night to compare with, and their story in sentences."""

    customer_id: str
    as_of: date
    previous_as_of: date | None
    parts: dict[str, Decimal]
    story: list[str]


@click.command()
@click.argument("customer_id")
@click.option("--role", type=click.Choice(ROLES), default="analyst", show_default=True)
@JSON
def why(customer_id: str, role: str, as_json: bool) -> None:
    """Why a customer's value changed since last night, and their story in ten lines."""
    settings = Settings.from_env()
    answer = read(settings, role, customer_id)
    if as_json:
        say_json(asdict(answer))
        return
    for line in lines(answer, settings.reporting_currency):
        say(line)


def read(settings: Settings, role: str, customer_id: str) -> Why:
    """What the published tables say, read as a role. Raises Unknown for nobody's id."""
    check_published(settings, role)
    check_customer(settings, customer_id, role)
    with connect(settings, role) as connection, connection.cursor(row_factory=dict_row) as cursor:
        changes = cursor.execute(CHANGES, [customer_id]).fetchone()
        person = cursor.execute(STORY, {"customer": customer_id}).fetchone()
    if person is None:
        raise Unknown(f"Nothing is published of '{customer_id}'.")
    return Why(
        customer_id=customer_id,
        as_of=person["as_of"],
        previous_as_of=changes["previous_as_of"] if changes else None,
        parts=parts(changes) if changes else {},
        story=list(story(person, settings.reporting_currency)),
    )


def parts(changes: Row) -> dict[str, Decimal]:
    """before, what moved it, now: in order; a new customer's purchases are named so."""
    moved = {
        column.removesuffix(AMOUNT): amount
        for column, amount in changes.items()
        if column.endswith(AMOUNT)
    }
    named = {
        "new_customers" if name == "purchases" and changes["is_new"] else name: amount
        for name, amount in moved.items()
        if amount
    }
    return {"before": changes["value_before"], **named, "now": changes["value_now"]}


def lines(why: Why, currency: str) -> Iterator[str]:
    """The bridge, then the story, as a terminal shows them."""
    yield f"{why.customer_id}, night of {words.day(why.as_of)}"
    yield from _bridge_lines(why, currency)
    yield from why.story


def _bridge_lines(why: Why, currency: str) -> Iterator[str]:
    if why.previous_as_of is None:
        yield "Net value over 12 months: nothing to compare with yet."
        return
    yield f"Net value over 12 months, from {words.short_day(why.previous_as_of)} to tonight:"
    for name, amount in why.parts.items():
        is_level = name in ("before", "now")
        label = {"before": "before", "now": "tonight"}.get(name) or bridge.WORDS[name]
        shown = words.cents(amount, currency) if is_level else earned_words.signed(amount, currency)
        yield f"  {label:<34}{shown:>16}"


def story(person: Row, currency: str) -> Iterator[str]:
    """At most ten sentences, in the order of a life: bought, returned, served, expected, worth."""
    farewell = _farewell(person)
    for sentence in (
        farewell,
        _relationship(person),
        _purchases(person, currency),
        _returns(person, currency),
        _service(person),
        _belongings(person),
        _referrals(person, currency),
        _chances(person),
        None if farewell else _next_order(person),
        _value(person, currency),
        _tier(person, currency),
    ):
        if sentence:
            yield sentence


def _farewell(person: Row) -> str | None:
    """Why no list will have them; what is worked out from their purchases stays as it is."""
    if person["is_deceased"]:
        return (
            "Has died: no list will have them. What is expected is what their purchases alone say."
        )
    if person["is_erasure_requested"]:
        return "Has asked to be erased: no list will have them."
    if person["is_in_doubt"]:
        return (
            "A row that could not be read may say that they died or asked to be erased: no list"
            " will have them until it is made good."
        )
    return None


def _relationship(person: Row) -> str:
    status = words.spaced(person["relationship_status"])
    if not person["first_purchase_on"]:
        return f"{status}: no purchase that counts yet."
    since = f"{status}, first purchase on {words.day(person['first_purchase_on'])}"
    days = person["days_to_second_purchase"]
    return f"{since}, the second {phrases.plural(days, 'day')} later." if days else f"{since}."


def _purchases(person: Row, currency: str) -> str | None:
    if not person["purchase_days"]:
        return None
    gap = person["median_gap_days"]
    again = f", half of the time again within {phrases.plural(ceil(gap), 'day')}" if gap else ""
    unvalued = person["purchase_days"] - person["valued_purchase_days"]
    left_out = f"; {phrases.plural(unvalued, 'day')} {WITHOUT_RATE} not counted" if unvalued else ""
    return (
        f"Bought on {phrases.plural(person['purchase_days'], 'day')}{again}, last on"
        f" {words.day(person['last_purchase_on'])}: {words.cents(person['net_sales'], currency)}"
        f" net, {words.cents(person['historic_margin'], currency)} margin so far{left_out}."
    )


def _returns(person: Row, currency: str) -> str | None:
    clauses = []
    if person["refunds"]:
        amount = words.cents(person["refunded_amount"], currency)
        clauses.append(f"{phrases.plural(person['refunds'], 'refund')} of {amount}")
    if person["refunds_without_rate"]:
        refunds = phrases.plural(person["refunds_without_rate"], "refund")
        clauses.append(f"{refunds} {WITHOUT_RATE}")
    return f"Sent back: {'; '.join(clauses)}." if clauses else None


def _service(person: Row) -> str | None:
    contacts = person["service_contacts_365d"]
    if contacts is None:
        return None
    clauses = [f"{phrases.plural(contacts, 'service case')} in a year"]
    if person["breaches_365d"]:
        clauses.append(f"{phrases.plural(person['breaches_365d'], 'promise')} of ours broken")
    if person["last_csat"] is not None:
        clauses.append(f"last satisfaction {person['last_csat']} of 5")
    if person["has_open_complaint"]:
        clauses.append("a complaint is open")
    return f"{', '.join(clauses)}."


def _belongings(person: Row) -> str | None:
    clauses = []
    if person["units"]:
        due = person["service_due_on"]
        clauses.append(
            f"owns {phrases.plural(person['units'], 'unit')}"
            + (f", service due on {words.day(due)}" if due else "")
        )
    if person["balance"]:
        clauses.append(f"holds {phrases.plural(person['balance'], 'point')}")
    return _sentence(clauses)


def _referrals(person: Row, currency: str) -> str | None:
    if not person["brought_buyers"]:
        return None
    margin = words.cents(person["brought_margin"], currency)
    return f"Brought {phrases.plural(person['brought_buyers'], 'buyer')}, {margin} margin so far."


def _chances(person: Row) -> str | None:
    if person["purchase_probability_12m"] is None:
        return None
    return (
        f"Buys within 12 months with {words.percent(float(person['purchase_probability_12m']))}"
        f" ({words.spaced(person['lifecycle_status']).lower()}); is still there with"
        f" {words.percent(float(person['probability_alive']))}, says {person['model']}."
    )


def _next_order(person: Row) -> str | None:
    if not person["expected_next_order_on"]:
        return None
    return (
        f"Next order around {words.day(person['expected_next_order_on'])}, likely between"
        f" {words.day(person['next_order_window_starts_on'])} and"
        f" {words.day(person['next_order_window_ends_on'])}."
    )


def _value(person: Row, currency: str) -> str | None:
    if person["net_clv_12m"] is None:
        return None
    return (
        f"{words.decimal(float(person['expected_orders_12m']), 2)} orders of"
        f" {words.cents(person['expected_order_value'], currency)} at a margin of"
        f" {words.percent(float(person['margin_rate']))}, less costs (service"
        f" {words.cents(person['cost_to_serve_12m'], currency)}):"
        f" {words.cents(person['net_clv_12m'], currency)} over 12 months,"
        f" {words.cents(person['net_clv_lifetime'], currency)} for life."
    )


def _tier(person: Row, currency: str) -> str | None:
    clauses = []
    if person["value_tier"]:
        clauses.append(f"stands in {person['value_tier']}")
    if person["explained_since"]:
        clauses.append(
            f"by rows of their own unchanged since {words.day(person['explained_since'])}"
        )
    if person["month_value"] is not None:
        amount = words.cents(person["month_value"], currency)
        clauses.append(f"worth {amount} at the end of {words.month(person['month_end'])}")
    return _sentence(clauses)


def _sentence(clauses: Iterable[str]) -> str | None:
    text = "; ".join(clauses)
    return f"{text[:1].upper()}{text[1:]}." if text else None
