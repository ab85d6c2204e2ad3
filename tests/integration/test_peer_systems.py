"""A shop on Shopify with its help desk on Zendesk, on rows of our own in the shapes in which a
replication service lands them: what of them reaches the entities, and how it is counted."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from regulars import warehouse
from regulars.nights.run import run_step
from regulars.settings import Settings
from tests.conftest import drop_database

pytestmark = pytest.mark.slow

NIGHT = date(2026, 3, 10)
STEPS = ("ingest_sales", "ingest_service", "normalise_contacts", "transform")

CUSTOMERS = """\
id,email,phone,first_name,last_name,created_at
1,ann@example.com,,Ann,Alder,2026-01-05 09:00:00.000
2,,,Ben,Birch,2026-01-06 09:00:00.000
"""
ORDERS = """\
id,customer_id,currency,taxes_included,financial_status,fulfillment_status,created_at,processed_at,cancelled_at,source_name,shipping_address_country_code,test
11,1,EUR,TRUE,paid,fulfilled,2026-03-01 08:00:00.000,2026-01-10 23:30:00.000,,web,DE,FALSE
12,1,EUR,FALSE,partially_refunded,fulfilled,2026-02-10 10:00:00.000,,,app,NL,FALSE
13,2,EUR,FALSE,paid,,2026-02-11 10:00:00.000,,,web,,FALSE
14,2,EUR,FALSE,voided,,2026-02-12 10:00:00.000,,,web,,FALSE
15,2,EUR,FALSE,authorized,,2026-02-13 10:00:00.000,,,web,,FALSE
16,2,EUR,FALSE,paid,,2026-02-14 10:00:00.000,,2026-02-15 10:00:00.000,web,,FALSE
17,2,EUR,FALSE,paid,,2026-02-15 10:00:00.000,,,web,,TRUE
18,,EUR,FALSE,paid,,2026-02-16 10:00:00.000,,,pos,,FALSE
19,2,EUR,FALSE,paid,partial,2026-02-17 10:00:00.000,,,web,,FALSE
"""
LINES = """\
order_id,id,index,product_id,variant_id,price,quantity,total_discount,gift_card
11,111,1,5,51,11.90,3,0.00,FALSE
11,112,2,6,,5.00,1,0.00,TRUE
12,121,1,5,51,10.00,2,2.00,FALSE
12,122,2,5,52,20.00,1,,FALSE
13,131,1,5,52,20.00,1,0.00,FALSE
17,171,1,5,52,20.00,1,0.00,FALSE
18,181,1,5,51,10.00,1,0.00,FALSE
19,191,1,5,51,30.00,1,0.00,FALSE
19,192,2,5,52,10.00,2,4.00,FALSE
"""
DISCOUNTS = """\
order_line_id,index,amount
191,0,3.00
191,1,1.50
192,0,4.00
"""
TAXES = """\
order_line_id,index,price
111,1,5.70
121,1,3.42
"""
REFUNDS = """\
id,order_id,created_at,processed_at
21,12,2026-02-20 10:00:00.000,
22,13,2026-03-01 08:00:00.000,2026-02-21 10:00:00.000
"""
REFUND_LINES = """\
id,refund_id,order_line_id,quantity,subtotal,total_tax,restock_type
211,21,122,1,20.00,3.80,return
"""
ADJUSTMENTS = """\
id,refund_id,kind,amount
221,22,refund_discrepancy,-4.00
222,22,shipping_refund,-5.00
"""
PARCELS = """\
id,order_id,status,shipment_status,updated_at
30,11,cancelled,,2026-01-12 09:00:00.000
31,11,success,delivered,2026-01-13 09:00:00.000
32,12,success,delivered,2026-02-12 09:00:00.000
33,12,success,in_transit,2026-02-13 09:00:00.000
34,19,success,delivered,2026-02-19 09:00:00.000
"""
PRODUCTS = """\
id,title,product_type
5,Grinder,grinders
"""
VARIANTS = """\
id,product_id,inventory_item_id,title,price
51,5,61,Default Title,11.90
52,5,62,Black,20.00
"""
ITEMS = """\
id,unit_cost_amount
61,4.00
62,
"""
USERS = """\
id,external_id,role
71,1,end-user
72,,end-user
73,,agent
"""
TICKETS = """\
id,requester_id,status,type,priority,created_at
81,71,solved,problem,high,2026-03-01 10:00:00
82,71,open,question,normal,2026-03-02 10:00:00
83,72,closed,,,2026-03-03 10:00:00
84,71,deleted,incident,,2026-03-04 10:00:00
85,71,closed,problem,,2026-03-05 10:00:00
86,71,closed,problem,,2026-03-05 10:00:00
"""
MESSAGES = """\
id,ticket_id,user_id,public,created
1,81,71,TRUE,2026-03-01 10:00:00
2,81,73,FALSE,2026-03-01 10:05:00
3,81,73,TRUE,2026-03-01 12:30:00
4,82,71,TRUE,2026-03-02 11:00:00
5,83,73,TRUE,2026-03-03 10:30:00
"""
HISTORY = """\
ticket_id,field_name,updated,value
81,status,2026-03-01 10:00:00,new
81,status,2026-03-01 13:00:00,solved
81,status,2026-03-02 09:00:00,open
81,status,2026-03-02 15:00:00,solved
81,priority,2026-03-02 15:00:00,high
83,status,2026-03-03 11:00:00,solved
83,status,2026-03-03 12:00:00,on-hold
83,status,2026-03-03 13:00:00,solved
83,status,2026-03-07 13:00:00,closed
85,status,2026-03-05 10:00:00,new
85,status,2026-03-05 12:00:00,closed
86,status,2026-03-05 11:00:00,solved
86,status,2026-03-05 12:00:00,open
86,status,2026-03-05 14:00:00,closed
"""
PROMISES = """\
ticket_id,sla_policy_id,policy_applied_at
81,91,2026-03-01 10:00:00
82,91,2026-03-02 10:00:00
"""
TARGETS = """\
sla_policy_id,index,sla_policy_updated_at,business_hours,metric,priority,target
91,0,2026-01-01 00:00:00,FALSE,first_reply_time,high,240
91,1,2026-02-01 00:00:00,FALSE,first_reply_time,high,120
91,2,2026-03-05 00:00:00,FALSE,first_reply_time,high,600
91,3,2026-01-01 00:00:00,TRUE,first_reply_time,normal,60
91,4,2026-01-01 00:00:00,FALSE,next_reply_time,high,30
"""
DELIVERED = {
    "shopify": {
        "customer": CUSTOMERS,
        "order": ORDERS,
        "order_line": LINES,
        "discount_allocation": DISCOUNTS,
        "tax_line": TAXES,
        "refund": REFUNDS,
        "order_line_refund": REFUND_LINES,
        "order_adjustment": ADJUSTMENTS,
        "fulfillment": PARCELS,
        "product": PRODUCTS,
        "product_variant": VARIANTS,
        "inventory_item": ITEMS,
    },
    "zendesk": {
        "user": USERS,
        "ticket": TICKETS,
        "ticket_comment": MESSAGES,
        "ticket_field_history": HISTORY,
        "ticket_sla_policy": PROMISES,
        "sla_policy_metric_history": TARGETS,
    },
}


def deliver(landing: Path) -> None:
    for system, files in DELIVERED.items():
        folder = landing / system / NIGHT.isoformat()
        folder.mkdir(parents=True)
        for name, text in files.items():
            assert len({len(row) for row in csv.reader(text.splitlines())}) == 1, name
            (folder / f"{name}.csv").write_text(text)


@pytest.fixture(scope="module")
def peer(make_settings: Callable) -> Iterator[Settings]:
    settings = make_settings(
        "peer", systems=("shopify", "zendesk"), company_timezone="Europe/Berlin"
    )
    deliver(settings.landing)
    for step in STEPS:
        run_step(step, NIGHT, settings)
    yield settings
    drop_database(settings)


def rows(settings: Settings, query: str) -> list[tuple]:
    with warehouse.connect(settings, "admin") as connection:
        return connection.execute(query.encode()).fetchall()


def test_an_order_is_what_became_of_it(peer: Settings) -> None:
    """Delivered when all of it was sent and its last parcel came, called-off ones aside; a test
    order is none; days are the company's."""
    found = rows(
        peer, "select order_id, status, ordered_on::text, is_qualifying from marts.fct_orders"
    )
    assert sorted(found) == [
        ("11", "delivered", "2026-01-11", True),
        ("12", "shipped", "2026-02-10", True),
        ("13", "paid", "2026-02-11", True),
        ("14", "cancelled", "2026-02-12", False),
        ("15", "pending", "2026-02-13", False),
        ("16", "cancelled", "2026-02-14", False),
        ("18", "paid", "2026-02-16", False),
        ("19", "paid", "2026-02-17", True),
    ]


def test_net_sales_are_without_tax_gift_cards_refunds_and_carriage(peer: Settings) -> None:
    """11: 3 × 11.90 with 5.70 of tax in it. 12: 18 and 20, of which 20 came back. 13: 20 less an
    amount of 4 that belongs to no line; what was given back for carriage was no sale. 19: 30 less a
    line's share of two discounts on the order, and 20 less 4, which its line repeats."""
    found = rows(peer, "select order_id, net_sales from marts.fct_orders where is_qualifying")
    assert dict(found) == {
        "11": Decimal("30.00"),
        "12": Decimal("18.00"),
        "13": Decimal("16.00"),
        "19": Decimal("41.50"),
    }


def test_what_was_brought_from_another_shop_stands_on_its_own_day(peer: Settings) -> None:
    """Order 11 and refund 22 were entered in March. So the latest order of their customer is 12."""
    orders = rows(peer, "select order_id, ordered_on::text from marts.fct_orders")
    refunds = rows(peer, "select refund_id, refunded_on::text from marts.fct_refunds")
    assert dict(orders)["11"] == "2026-01-11"
    assert dict(refunds) == {"line 211": "2026-02-20", "adjustment 221": "2026-02-21"}


def test_a_variant_is_the_product(peer: Settings) -> None:
    found = rows(peer, "select product_id, name, category, unit_cost from marts.dim_products")
    assert sorted(found) == [
        ("51", "Grinder", "grinders", Decimal("4.00")),
        ("52", "Grinder, Black", "grinders", None),
    ]


def test_an_account_lives_where_its_latest_order_went(peer: Settings) -> None:
    found = rows(peer, "select customer_id, country, orders_count from marts.dim_customers")
    assert sorted(found) == [("1", "NL", 2), ("2", None, 2)]


def test_a_ticket_is_a_case_by_the_clock_of_its_public_answers(peer: Settings) -> None:
    """Two and a half hours beside the 120 minutes that were promised when it was opened; a promise
    in business hours is none; who has no id in the shop is unknown; a deleted ticket is none. One
    that waits again was reopened, and if it is closed then, it was resolved no sooner; one that was
    closed and never solved is not open."""
    found = rows(
        peer,
        "select case_id, customer_id, kind, first_reply_minutes, promised_reply_minutes, is_breach,"
        " is_open, reopened_count, resolution_minutes from marts.fct_service_cases",
    )
    assert sorted(found) == [
        ("81", "1", "complaint", 150, 120, True, False, 1, 29 * 60),
        ("82", "1", "question", None, None, False, True, 0, None),
        ("83", "(unknown)", "question", 30, None, False, False, 1, 180),
        ("85", "1", "complaint", None, None, False, False, 0, 120),
        ("86", "1", "complaint", None, None, False, False, 1, 240),
    ]
