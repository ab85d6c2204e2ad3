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


def test_the_last_check_of_twenty_thousand_people_on_lists_takes_seconds(make_settings) -> None:
    """A look at every word per person would take minutes: the server gives up first."""
    company = made_up_company(make_settings("bench_check"), 20_000)
    definitions = list_definitions.load(company.dbt_project)
    with warehouse.connect(company, "transformer") as connection:
        connection.execute("set statement_timeout = '30s'")
        permission.check(connection, company, Night(AS_OF), definitions)
