"""What `make bench` writes as list files is what a night would write. It costs six seconds."""

from __future__ import annotations

import json

import pytest

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
