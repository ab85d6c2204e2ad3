"""Hand-made marts in front of the lists: as few people as a claim needs, every fact visible."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql

from regulars import transform
from regulars.night import Night
from regulars.settings import Settings
from regulars.warehouse import connect

AS_OF = date(2026, 3, 15)
WINDOW = {"t_10": 10, "t_50": 30, "t_90": 90, "events": 200, "is_from_curve": True}

# The columns that the lists read, with the types the marts give them.
TABLES = """
create schema if not exists marts;
create schema if not exists intermediate;
create schema if not exists pii;
create table marts.dim_customers (
    customer_id text primary key, household_id text, relationship_status text,
    first_purchase_on date, second_purchase_on date, days_to_second_purchase integer,
    birthday_month_day text, anniversary_month_day text,
    orders_count integer, is_minor boolean, is_staff boolean,
    language text, country text, timezone text, preferred_channel text,
    has_email boolean, has_phone boolean,
    consent_email_marketing boolean, consent_phone_marketing boolean,
    consent_post_marketing boolean, consent_ads boolean
);
create table marts.fct_orders (
    order_id text primary key, customer_id text, order_seq integer, ordered_on date,
    order_type text, status text
);
create table intermediate.int_customer_order_facts (
    customer_id text primary key, margin_24m numeric(14, 2),
    is_second_valued boolean, second_arrived_on date,
    undecided_orders integer default 0, unvalued_orders integer default 0,
    last_purchase_on date, purchase_days integer, median_gap_days numeric(10, 1)
);
create table intermediate.int_customer_firsts (customer_id text, first_category text);
create table intermediate.int_customer_categories (
    customer_id text, category text, orders integer, paid_days integer,
    first_paid_on date, last_paid_on date
);
create table marts.customer_service_summaries (
    customer_id text primary key, last_csat integer, last_csat_on date, last_bad_csat_on date,
    open_cases integer
);
create table marts.customer_lifetime_values (
    customer_id text primary key, value_tier text, value_tier_tonight text, lifecycle_status text,
    purchase_probability_12m numeric(18, 6), churn_probability_12m numeric(18, 6),
    expected_order_value numeric(18, 6), margin_rate numeric(18, 6),
    expected_orders_12m numeric(18, 6), expected_next_order_on date,
    next_order_window_starts_on date, next_order_window_ends_on date,
    value_gone numeric(18, 6), value_if_kept_12m numeric(18, 6),
    value_if_active_12m numeric(18, 6), value_at_risk numeric(18, 6), net_clv_12m numeric(18, 6),
    value_given_purchase_p10 numeric(14, 2), value_given_purchase_p90 numeric(14, 2)
);
create table marts.customer_history (
    customer_id text, valid_from date, valid_to date, value_tier text, tier_below_since date
);
create table marts.fct_service_cases (
    case_id text primary key, customer_id text, kind text, opened_on date,
    opened_at timestamptz,
    resolved_at timestamptz, first_reply_minutes integer, promised_reply_minutes integer,
    is_breach boolean, is_open boolean, is_unsolved boolean, reopened_count integer,
    csat integer, csat_on date,
    reason text,
    merged_into_case_id text, order_id text
);
create table marts.fct_promises (
    promise_id text primary key, kind text, customer_id text, case_id text, order_id text,
    due_at timestamptz, is_broken boolean, late_minutes integer, fault_of text
);
create table intermediate.int_surveys_known (
    survey_id text, customer_id text, kind text, score integer, answered_at timestamptz,
    answered_on date
);
create table intermediate.int_customer_economics (
    customer_id text primary key, margin_rate numeric(18, 6),
    variable_cost_per_order numeric(18, 6)
);
create table intermediate.int_season_clock (
    month date, season_index numeric(8, 4), days_before numeric(14, 4), is_measured boolean
);
create table marts.second_purchase_curve (day integer, survival numeric(18, 12));
create table marts.second_purchase_bounds (
    t_10 integer, t_50 integer, t_90 integer, events bigint, is_from_curve boolean
);
create table marts.list_effects (
    list_code text, stratum text, effect numeric(9, 6), measured_weight numeric(9, 6)
);
create table marts.night_holds (
    kind text, subject text, held_count bigint, amount numeric(18, 2), words text
);
create table marts.dim_products (product_id text primary key, name text);
create table marts.fct_units (
    unit_id text primary key, customer_id text, order_id text, product_id text, status text,
    category text, known_by text, purchased_on date, registered_on date, warranty_ends_on date,
    last_serviced_on date, next_service_due_on date, life_known_by text,
    expected_end_of_life_on date, repairs integer, trade_in_value numeric(14, 2)
);
create table marts.fct_unit_owners (
    unit_id text, owner_no integer, owned_from date, owned_until date
);
create table marts.customer_loyalty (
    customer_id text primary key, balance integer, tier_points integer, points_to_next_tier integer
);
create table marts.fct_loyalty_entries (
    entry_id text primary key, customer_id text, points_left integer, expires_on date
);
create table marts.customer_referrals (
    customer_id text primary key, referrals_12m integer, brought_people_all integer
);
create table marts.customer_category_shares (
    customer_id text, category text, share numeric(5, 2), peers_share numeric(5, 2),
    gap numeric(5, 2), is_widest_gap boolean, is_proxy boolean
);
create table marts.fct_events (
    event_id text primary key, name text, city text, country text, capacity integer,
    starts_on date, is_upcoming boolean
);
create schema if not exists staging;
create table staging.stg_house__campaign_contacts (
    contact_id text, list_code text, customer_id text, channel text, sent_at timestamptz,
    outcome text, delivered_on date, delivery_id bigint, line integer
);
create table intermediate.int_customer_consents (
    customer_id text, channel text, purpose text, changed_at timestamptz, is_granted boolean
);
create table intermediate.int_contact_stops (
    customer_id text, channel text, purpose text, stop_code text
);
create table pii.stg_house__permission_events (
    kind text, customer_id text, reference text, channel text, purpose text, source text,
    happened_at timestamptz, is_no boolean, delivered_on date, delivery_id bigint, line integer
);
create table pii.customer_homes (
    customer_id text, street text, postcode text, city text, country text, town text,
    is_complete boolean
);
create table pii.stg_house__contact_versions (
    customer_id text, email text, phone text, country text, known_at timestamptz,
    delivered_on date, delivery_id bigint
);
create table marts.feed_states (
    feed text, words text, state text, is_switched_on boolean, is_withholding boolean,
    guards_sales boolean, guards_permission boolean, guards_service boolean,
    guards_farewells boolean
);
create table intermediate.int_account_people (account_id text, customer_id text);
create table marts.merged_accounts (account_id text, customer_id text);
create table pii.unattributed_noes (kind text, said text, delivered_on date);
create table intermediate.int_rows_in_doubt (customer_id text, about text, delivered_on date);
create table pii.customer_reach (customer_id text, email text, phone_e164 text);
create table pii.customer_contacts (
    customer_id text, email text, phone text, first_name text, last_name text, birth_date date,
    country text
);
insert into marts.second_purchase_curve
values (10, 0.9), (30, 0.75), (90, 0.55), (140, 0.5);
"""


# What is built before the lists of what was sent.
CONTACTS = """
create or replace view marts.fct_campaign_contacts as
select
    contact_id, list_code, customer_id, channel, sent_at,
    cast(sent_at at time zone 'Europe/Amsterdam' as date) as sent_on, outcome
from staging.stg_house__campaign_contacts
where cast(sent_at at time zone 'Europe/Amsterdam' as date) <= date '{as_of}';
grant select on marts.fct_campaign_contacts to regulars_builder
"""


class World:
    """Marts of one night, filled row by row, then built into lists."""

    def __init__(self, settings: Settings, connection: psycopg.Connection) -> None:
        self.settings = settings
        self.connection = connection
        connection.execute("set role regulars_builder")
        connection.execute(TABLES)
        self.insert("marts.second_purchase_bounds", WINDOW)
        connection.execute("reset role")
        self.lines = itertools.count(2)
        self.delivery_id = self._deliver()

    def insert(self, table: str, row: Mapping[str, Any]) -> None:
        schema, name = table.split(".")
        self.connection.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                sql.Identifier(schema, name),
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join(map(sql.Placeholder, row)),
            ),
            row,
        )

    def person(self, customer_id: str, **facts: Any) -> None:
        """Somebody who may be contacted by e-mail; facts change columns of any customer mart."""
        agrees = facts.pop("agrees", True)
        dim = {
            "customer_id": customer_id,
            "household_id": customer_id,
            "relationship_status": "customer",
            "first_purchase_on": AS_OF - timedelta(days=400),
            "second_purchase_on": None,
            "days_to_second_purchase": None,
            "birthday_month_day": None,
            "anniversary_month_day": None,
            "consent_ads": False,
            "orders_count": 1,
            "is_staff": False,
            "is_minor": False,
            "language": "en",
            "country": "NL",
            "timezone": "Europe/Amsterdam",
            "preferred_channel": "email",
            "has_email": True,
            "has_phone": True,
            "consent_email_marketing": agrees,
        }
        value = {
            "customer_id": customer_id,
            "value_tier": "bronze",
            "value_tier_tonight": "bronze",
            "lifecycle_status": "active",
            "purchase_probability_12m": "0.42",
            "churn_probability_12m": "0.58",
            "expected_order_value": 100,
            "margin_rate": "0.45",
            "expected_orders_12m": "0.5",
            "next_order_window_starts_on": None,
            "next_order_window_ends_on": None,
            "expected_next_order_on": None,
            "value_gone": 1,
            "value_if_kept_12m": 20,
            "value_if_active_12m": 10,
            "value_at_risk": 5,
            "net_clv_12m": 8,
        }
        economics: dict[str, Any] = {
            "customer_id": customer_id,
            "margin_rate": "0.45",
            "variable_cost_per_order": 5,
        }
        contact = {
            "customer_id": customer_id,
            "email": f"{customer_id}@example.com",
            "phone": "0612345678",
            "first_name": customer_id.title(),
            "country": "NL",
        }
        service: dict[str, Any] = {
            "customer_id": customer_id,
            "last_bad_csat_on": None,
            "last_csat": None,
            "last_csat_on": None,
            "open_cases": 0,
        }
        orders = {
            "customer_id": customer_id,
            "purchase_days": 1,
            "last_purchase_on": None,
            "median_gap_days": None,
            "margin_24m": None,
            "undecided_orders": 0,
            "unvalued_orders": 0,
        }
        if "value_tier" in facts:
            value["value_tier_tonight"] = facts["value_tier"]
        rows = (dim, value, economics, contact, orders, service)
        for name, fact in facts.items():
            for row in (row for row in rows if name in row):
                row[name] = fact
        if unknown := facts.keys() - set().union(*rows):
            raise KeyError(f"no mart of this world has {unknown}")
        self.insert("marts.dim_customers", dim)
        self.insert("marts.customer_lifetime_values", value)
        self.was(customer_id, str(value["value_tier"]), until=None)
        self.insert("intermediate.int_customer_economics", economics)
        self.insert("intermediate.int_customer_order_facts", orders)
        self.insert("marts.customer_service_summaries", service)
        self.insert("pii.customer_contacts", contact)
        self._know(contact)
        if agrees:
            self.consent(customer_id, True)

    def trial(self, customer_id: str, days_ago: int = 45, **facts: Any) -> None:
        """Somebody who bought once, so many days ago."""
        first = AS_OF - timedelta(days=days_ago)
        self.person(
            customer_id,
            **{
                "relationship_status": "trial",
                "first_purchase_on": first,
                "last_purchase_on": first,
                **facts,
            },
        )

    def best(self, customer_id: str, **facts: Any) -> None:
        """A silver customer at risk."""
        self.person(
            customer_id,
            **{
                "value_tier": "silver",
                "lifecycle_status": "at_risk",
                "purchase_days": 5,
                "median_gap_days": 41,
                "last_purchase_on": AS_OF - timedelta(days=73),
                **facts,
            },
        )

    def was(self, customer_id: str, value_tier: str, until: int | None) -> None:
        """A span of history in a tier, ended so many days ago or still open."""
        row = {
            "customer_id": customer_id,
            "value_tier": value_tier,
            "valid_from": AS_OF - timedelta(days=(until or 0) + 1),
            "valid_to": None if until is None else AS_OF - timedelta(days=until),
        }
        self.insert("marts.customer_history", row)

    def consent(self, customer_id: str, is_granted: bool, days_ago: int = 300) -> None:
        word = {
            "customer_id": customer_id,
            "channel": "email",
            "purpose": "marketing",
            "changed_at": AS_OF - timedelta(days=days_ago),
            "is_granted": is_granted,
        }
        self.insert("intermediate.int_customer_consents", word)
        self.said(
            customer_id,
            "consent",
            is_no=not is_granted,
            channel="email",
            purpose="marketing",
            happened_at=word["changed_at"],
        )

    def contacted(self, customer_id: str, days_ago: int, **facts: Any) -> None:
        row = {
            "contact_id": f"{customer_id}-{days_ago}",
            "list_code": "newsletter",
            "customer_id": customer_id,
            "channel": "email",
            "sent_at": f"{AS_OF - timedelta(days=days_ago)} 12:00+00",
            "outcome": "delivered",
        }
        self.insert("staging.stg_house__campaign_contacts", {**row, **facts})

    def said(self, customer_id: str, kind: str, **facts: Any) -> None:
        """A word about contacts as it was delivered; of a consent the row that was loaded too."""
        row = {"kind": kind, "customer_id": customer_id, "is_no": True, "happened_at": AS_OF}
        row |= facts
        self.insert("pii.stg_house__permission_events", row)
        if kind == "consent":
            loaded = {name: row[name] for name in ("customer_id", "channel", "purpose")}
            loaded |= {"changed_at": row["happened_at"], "is_granted": not row["is_no"]}
            loaded |= {"_delivery_id": self.delivery_id, "_line": next(self.lines)}
            self.insert("raw.consents", {**loaded, "_delivered_on": AS_OF})

    def _deliver(self) -> int:
        """An entry of the ledger; returns its number."""
        row = self.connection.execute(
            "insert into raw.deliveries (feed, delivered_on, sha256, path, size, modified_at,"
            " status, rows_in) values ('consents', %s, 'x', 'x', 1, now(), 'loaded', 0)"
            " returning delivery_id",
            [AS_OF - timedelta(days=400)],
        ).fetchone()
        assert row is not None
        return int(row[0])

    def stop(
        self,
        customer_id: str,
        stop_code: str,
        channel: str | None = None,
        purpose: str | None = None,
    ) -> None:
        """Why somebody may not be contacted, as worked out before the lists."""
        row = {"customer_id": customer_id, "channel": channel, "purpose": purpose}
        self.insert("intermediate.int_contact_stops", {**row, "stop_code": stop_code})

    def unread_row(self, customer_id: str, about: str, days_ago: int = 29) -> None:
        row = {
            "customer_id": customer_id,
            "about": about,
            "delivered_on": AS_OF - timedelta(days=days_ago),
        }
        self.insert("intermediate.int_rows_in_doubt", row)

    def death(self, customer_id: str) -> None:
        self.stop(customer_id, "deceased")
        self.said(customer_id, "death")

    def erasure(self, customer_id: str) -> None:
        self.stop(customer_id, "erased")
        self.said(customer_id, "erasure", reference=f"request of {customer_id}")

    def waits_for_two_answers(self, customer_id: str) -> None:
        for number in (1, 2):
            self.case(
                f"question-{number}-{customer_id}",
                customer_id,
                kind="question",
                is_open=True,
                is_breach=False,
                resolved_at=None,
                first_reply_minutes=None,
            )

    def case(self, case_id: str, customer_id: str, **facts: Any) -> None:
        """A complaint of 3 March, promised in 4 hours, answered in 5 days, resolved on the 9th."""
        row = {
            "case_id": case_id,
            "customer_id": customer_id,
            "kind": "complaint",
            "opened_on": "2026-03-03",
            "opened_at": "2026-03-03 09:00+00",
            "resolved_at": "2026-03-09 09:00+00",
            "first_reply_minutes": 7200,
            "promised_reply_minutes": 240,
            "is_breach": True,
            "is_open": False,
            "is_unsolved": facts.get("is_open", False),
            "reopened_count": 0,
            "csat": None,
            "csat_on": "2026-03-10",
            "reason": "late_delivery",
        }
        self.insert("marts.fct_service_cases", {**row, **facts})

    def promise(self, kind: str, customer_id: str, **facts: Any) -> None:
        """One that was broken, due at the end of 5 March."""
        row = {
            "promise_id": f"{kind} {customer_id}",
            "kind": kind,
            "customer_id": customer_id,
            "due_at": "2026-03-05 23:00+00",
            "is_broken": True,
            "fault_of": "unknown",
        }
        self.insert("marts.fct_promises", {**row, **facts})

    def feed(self, feed: str, *guards: str, is_withholding: bool = True) -> None:
        """A feed that is not in, and what it guards."""
        row = {
            "feed": feed,
            "words": f"{feed} is missing since 2026-03-15",
            "is_switched_on": True,
            "is_withholding": is_withholding,
        }
        of = ("sales", "permission", "service", "farewells")
        self.insert(
            "marts.feed_states", {**row, **{f"guards_{guard}": guard in guards for guard in of}}
        )

    def publication(self, generation: int, as_of: date) -> None:
        self.insert(
            "decisions.publications",
            {
                "generation": generation,
                "as_of": as_of,
                "run_id": "r",
                "input_digest": "d",
                "last_delivery_id": 0,
                "files_digest": "f",
                "library_versions": "{}",
            },
        )

    def episode(self, list_code: str, customer_id: str, **facts: Any) -> None:
        """An episode logged ten nights ago, and the membership with it."""
        entered = AS_OF - timedelta(days=10)
        row = {
            "generation": 1,
            "as_of": entered,
            "list_code": list_code,
            "household_id": customer_id,
            "episode_no": 1,
            "customer_id": customer_id,
            "entered_on": entered,
            "closes_on": entered + timedelta(days=120),
            "stratum": "gold",
            "arm": "treat",
            **facts,
        }
        self.insert("decisions.episodes", row)
        self.insert(
            "decisions.list_members",
            {
                "generation": row["generation"],
                "as_of": row["as_of"],
                "list_code": list_code,
                "customer_id": customer_id,
                "rank": 1,
                "arm": row["arm"],
            },
        )

    def _know(self, contact: Mapping[str, Any]) -> None:
        reach = {
            "customer_id": contact["customer_id"],
            "email": contact["email"] and contact["email"].lower(),
            "phone_e164": contact["phone"] and "+31612345678",
        }
        self.insert("pii.customer_reach", reach)
        if contact["email"]:
            self._normal("email", contact["email"], "", contact["email"].lower())
        if contact["phone"]:
            self._normal("phone", contact["phone"], contact["country"], "+31612345678")

    def _normal(self, kind: str, original: str, country: str, normal: str) -> None:
        self.connection.execute(
            "insert into pii.normal_forms values (%s, %s, %s, %s) on conflict do nothing",
            [kind, original, country, normal],
        )

    def build(self, as_of: date = AS_OF) -> None:
        """Build the lists layer with its tests, as the night does."""
        self.connection.execute("delete from ops.builds")
        self.insert(
            "ops.builds",
            {"prefix": "", "as_of": as_of, "code_digest": "by hand", "status": "built"},
        )
        self.connection.execute(CONTACTS.format(as_of=as_of).encode())
        transform.build(self.settings, Night(as_of), "lists")

    def members(self, list_code: str) -> dict[str, dict[str, Any]]:
        """Members by customer_id, in rank order."""
        return self._by_customer("list_members", list_code, "rank")

    def left_out(self, list_code: str) -> dict[str, str]:
        """Reason code by customer_id."""
        rows = self._by_customer("list_exclusions", list_code, "customer_id")
        return {customer: row["reason_code"] for customer, row in rows.items()}

    def ineligible(self, list_code: str) -> dict[str, str]:
        """Reason code by customer_id, of those whom the list is about and who do not qualify."""
        rows = self._by_customer("list_ineligible", list_code, "customer_id")
        return {customer: row["reason_code"] for customer, row in rows.items()}

    def movements(self, list_code: str) -> dict[str, tuple[str, str]]:
        """(movement, why) by customer_id."""
        rows = self._by_customer("list_movements", list_code, "customer_id")
        return {customer: (row["movement"], row["why"]) for customer, row in rows.items()}

    def _by_customer(self, table: str, list_code: str, order: str) -> dict[str, dict[str, Any]]:
        query = sql.SQL("select * from {} where list_code = %s order by {}").format(
            sql.Identifier("lists", table), sql.Identifier(order)
        )
        with connect(self.settings, "transformer") as connection:
            cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
            return {row["customer_id"]: row for row in cursor.execute(query, [list_code])}
