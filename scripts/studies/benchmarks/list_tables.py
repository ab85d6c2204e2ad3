"""Plain tables in the place of the models that the export of lists reads."""

from __future__ import annotations

import psycopg
from psycopg import sql

from regulars.project import file_columns
from regulars.settings import Settings

TYPES = {
    "list_version": "integer",
    "as_of": "date",
    "net_clv_12m": "numeric(14,2)",
    "value_p10": "numeric(14,2)",
    "value_p90": "numeric(14,2)",
    "churn_probability_12m": "numeric(6,4)",
    "value_at_risk": "numeric(14,2)",
    "rank": "integer",
    "offer_ceiling": "numeric(14,2)",
    "last_contact_at": "timestamptz",
    "campaign_contacts_30d": "integer",
    "valid_until": "date",
    "details": "jsonb",
}
OTHERS = """
create schema if not exists staging;
create table pii.list_people (
    customer_id text, last_name text, birth_date date, country text, postcode text,
    city text, email_consent text, email_consent_at timestamptz, granted text
);
create schema if not exists marts;
create table marts.merged_accounts (account_id text, customer_id text);
create view lists.list_members as
select list_code, customer_id, household_id, arm, rank from pii.list_file_rows;
create table pii.stg_house__permission_events (
    kind text, customer_id text, reference text, channel text, purpose text,
    happened_at timestamptz, is_no boolean, source text
);
reset role
"""


def create_tables(connection: psycopg.Connection, settings: Settings) -> None:
    common = file_columns.names(settings.dbt_project)
    columns = [*(c for c in common if c != "run_id"), "details"]
    connection.execute("set role regulars_builder")
    connection.execute("create table lists.withheld_lists (list_code text, reason text)")
    connection.execute(
        sql.SQL("create table pii.list_file_rows ({})").format(
            sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL(TYPES.get(c, "text")))  # type: ignore[arg-type]
                for c in columns
            )
        )
    )
    connection.execute(OTHERS)
