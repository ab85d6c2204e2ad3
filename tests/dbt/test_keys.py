"""A key that stands in two rows, or in none of its own, is found in whatever holds it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from regulars import warehouse
from regulars.engines import dbt_command
from regulars.engines.postgres import database_environment
from regulars.night import Night
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.server import drop_database

NIGHT = Night(LAST_NIGHT)
# of a table, of one that keeps its rows from night to night, an old one and one of late, of a view
TWICE = (
    "insert into marts.dim_customers select * from marts.dim_customers limit 1",
    "insert into marts.fct_refunds"
    " (select * from marts.fct_refunds order by refunded_on asc limit 1)"
    " union all (select * from marts.fct_refunds order by refunded_on desc limit 1)",
    "create table marts.events as select * from marts.fct_events",
    "create or replace view marts.fct_events as"
    " select * from marts.events union all (select * from marts.events limit 1)",
)
NOBODYS = "update marts.customer_rfm set customer_id = null where ctid = '(0,1)'"


@pytest.fixture(scope="module")
def copy(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = clone(company, parsed.COPY, tmp_path_factory.mktemp("keys") / "home")
    yield settings
    drop_database(settings)


def keys_in_doubt(settings: Settings) -> dict[str, int]:
    """Column -> rows that its test returns, of those that it has not passed."""
    from dbt.cli.main import dbtRunner

    names = ("dim_customers", "fct_refunds", "fct_events", "customer_rfm", "customer_accounts")
    selection = ["--select", *(f"is_key_{name}_*" for name in names)]
    with database_environment(settings, REGULARS_AS_OF=LAST_NIGHT.isoformat()):
        outcome = dbtRunner().invoke(dbt_command.test(settings, NIGHT, selection))
    assert outcome.result is not None, outcome.exception
    assert len(outcome.result) == len(names)
    return {
        f"{result.node.file_key_name.split('.')[1]}.{result.node.column_name}": result.failures
        for result in outcome.result
        if str(result.status) != "pass"
    }


def test_a_key_in_two_rows_and_one_that_is_missing_are_found_wherever_they_are(
    copy: Settings,
) -> None:
    assert keys_in_doubt(copy) == {}
    with warehouse.connect(copy, "admin") as connection:
        for statement in (*TWICE, NOBODYS):
            connection.execute(statement)
        connection.execute("grant select on marts.events to regulars_builder")
        connection.execute("alter view marts.fct_events owner to regulars_builder")
    assert keys_in_doubt(copy) == {
        "dim_customers.customer_id": 1,
        "fct_refunds.refund_id": 2,
        "fct_events.event_id": 1,
        "customer_rfm.customer_id": 1,
    }
