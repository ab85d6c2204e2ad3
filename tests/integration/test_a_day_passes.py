"""The tables of a night of which nothing was delivered, beside those of the night before.

It costs the transformation of one night, half a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql

from regulars import warehouse
from regulars.nights.run import run_step
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.integration.random_deliveries.nights import without_dbt_tests
from tests.server import drop_database

pytestmark = pytest.mark.nights

ROWS = "(rows)"
# What is counted up to the night: ages of everybody, windows of so many days, a promise whose time
# is up, points that lapse, a unit a year older, a month that begins, files that are missing.
BY_THE_DAY: dict[str, set[str]] = {
    "acquisition_costs": {"had_a_year"},
    "cohort_months": {ROWS, "is_mature"},
    "cohort_segment_months": {ROWS, "is_mature"},
    "company_months": {ROWS, "is_complete", "lost", "kept", "active_at_end", "active_at_start"},
    "customer_loyalty": {
        *("points_expire_on", "points_expiring", "points_expiring_30d"),
        *("tier_points", "loyalty_tier", "points_to_next_tier"),
    },
    "customer_purchase_summaries": {"customer_age_days", "days_since_last"},
    "customer_referrals": {"referrals_12m"},
    "customer_rfm": {"previous_rfm_group"},
    "customer_service_summaries": {
        *("service_contacts_90d", "service_contacts_365d", "breaches_90d", "breaches_365d"),
        *("service_cost_90d", "service_cost_365d", "top_reason_happy", "top_reason_unhappy"),
    },
    "dim_customers": {"is_minor"},
    "feed_states": {"missing_on", "gaps", "is_stale", "is_withholding", "state", "words"},
    "fct_promises": {"outcome", "is_broken", "late_minutes", "fault_of"},
    "fct_service_cases": {"is_breach", "is_own_failure"},
    "fct_units": {"trade_in_value"},
    "night_holds": {ROWS, "held_count", "words", "amount"},
    "product_performance": {"own_failures"},
}
KEYS = """
    select c.relname, array_agg(a.attname::text order by a.attnum)
    from pg_index as i
    inner join pg_class as c on c.oid = i.indrelid and i.indisprimary
    inner join pg_attribute as a on a.attrelid = c.oid and a.attnum = any(i.indkey)
    where c.relnamespace in ('published'::regnamespace, 'stored'::regnamespace)
        and to_regclass('marts.' || c.relname) is not null
    group by c.relname
"""


@pytest.fixture(scope="module")
def changed(
    company: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, set[str]]]:
    """Published table → columns in which tonight's rows differ from last night's."""
    settings = clone(company, parsed.COPY, tmp_path_factory.mktemp("a_day") / "home")
    with without_dbt_tests():
        run_step("transform", LAST_NIGHT + timedelta(days=1), settings)
    with warehouse.connect(settings, "admin") as connection:
        keys = connection.execute(KEYS).fetchall()
        found = {table: _differing(connection, table, key) for table, key in keys}
    assert len(found) > 30
    yield found
    drop_database(settings)


def _differing(connection: psycopg.Connection, table: str, key: list[str]) -> set[str]:
    columns = [
        name
        for (name,) in connection.execute(
            "select column_name::text from information_schema.columns"
            " where table_schema = 'published' and table_name = %s",
            [table],
        )
        if name not in key
    ]
    differ = sql.SQL(", ").join(
        sql.SQL(
            "bool_or(tonight.{name} is distinct from before.{name})"
            " filter (where tonight.{key} is not null and before.{key} is not null)"
        ).format(name=sql.Identifier(name), key=sql.Identifier(key[0]))
        for name in columns
    )
    is_one_sided = sql.SQL("bool_or(tonight.{key} is null or before.{key} is null)").format(
        key=sql.Identifier(key[0])
    )
    query = sql.SQL(
        "select {one_sided}, {differ} from marts.{table} as tonight"
        " full join published.{table} as before using ({key})"
    ).format(
        one_sided=is_one_sided,
        differ=differ or sql.SQL("false"),
        table=sql.Identifier(table),
        key=sql.SQL(", ").join(map(sql.Identifier, key)),
    )
    row = connection.execute(query).fetchone()
    assert row is not None
    return {name for name, differs in zip([ROWS, *columns], row, strict=False) if differs}


def test_a_day_alone_changes_nothing_but_what_is_counted_up_to_it(
    changed: dict[str, set[str]],
) -> None:
    beyond = {table: columns - BY_THE_DAY.get(table, set()) for table, columns in changed.items()}
    assert {table: columns for table, columns in beyond.items() if columns} == {}
    assert changed["customer_purchase_summaries"] == BY_THE_DAY["customer_purchase_summaries"]


def test_no_fact_of_an_order_a_point_or_an_owner_is_another_the_next_day(
    changed: dict[str, set[str]],
) -> None:
    facts = ("orders", "order_lines", "refunds", "loyalty_entries", "referrals", "unit_owners")
    assert {name: changed[f"fct_{name}"] for name in facts} == {name: set() for name in facts}
