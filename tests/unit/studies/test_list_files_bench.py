"""What `make bench` writes as list files is what a night would write. It costs twelve seconds."""

from __future__ import annotations

import json

import pytest

from regulars import warehouse
from regulars.lists import permission
from regulars.lists.export import write_files
from regulars.night import Night
from regulars.project import list_definitions
from studies.benchmarks.list_files import AS_OF, made_up_company

pytestmark = pytest.mark.slow
CUSTOMERS = 1_000


def test_every_list_has_people_at_every_target_and_nothing_is_withheld(make_settings) -> None:
    company = made_up_company(make_settings("bench"), CUSTOMERS)
    definitions = list_definitions.load(company.dbt_project)
    told = write_files(company, Night(AS_OF), company.home / "files", "bench")
    assert sum(told["rows"].values()) + sum(told["rejected"].values()) == 2 * CUSTOMERS
    assert all(told["rows"][one.list_code] > 10 for one in definitions)
    manifest = json.loads((company.home / "files/lists/manifest.json").read_text())
    sent = [target for entry in manifest["lists"] for target in entry["targets"]]
    assert {target["withheld"] for target in sent if "seed" not in target["target"]} == {None}


# Noes of a day that nobody could read and that mean nobody here, and all but one of them again.
UNREAD = """
insert into raw.deliveries (
    feed, delivered_on, sha256, path, size, modified_at, status, rows_in, revision
)
select 'consents', %(as_of)s, 'unread' || n, 'x', 1, %(as_of)s, 'loaded', 0, n
from generate_series(1, 2) as n;
insert into raw.quarantine (delivery_id, feed, file, line, raw_text, rule, reason)
select delivery_id, feed, 'x', n, 'nobody' || n || ',email,marketing,2026-02-31,false', 'x', 'x'
from raw.deliveries, generate_series(1, %(lines)s) as n where sha256 = 'unread1';
insert into raw.consents (
    customer_id, channel, purpose, changed_at, is_granted, _delivery_id, _line, _delivered_on
)
select 'nobody' || n, 'email', 'marketing', '2026-01-01', false, delivery_id, n, delivered_on
from raw.deliveries, generate_series(2, %(lines)s) as n where sha256 = 'unread2'
"""


def test_the_last_check_of_twenty_thousand_people_on_lists_takes_seconds(make_settings) -> None:
    """A look at every word per person would take minutes: the server gives up first."""
    company = made_up_company(make_settings("bench_check"), 20_000)
    with warehouse.connect(company, "admin") as connection:
        for statement in UNREAD.split(";\n"):
            connection.execute(statement.encode(), {"as_of": AS_OF, "lines": 5_000})
    definitions = list_definitions.load(company.dbt_project)
    with warehouse.connect(company, "transformer") as connection:
        connection.execute("set statement_timeout = '30s'")
        permission.check(connection, company, Night(AS_OF), definitions)
