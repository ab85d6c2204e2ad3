"""dbt's own tests that the night leaves out, on a company whose nights were run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

from regulars import transform
from regulars.settings import Settings
from tests.company import LAST_NIGHT


@pytest.mark.parametrize(("selector", "fewest"), [("units", 18), ("oracle", 31)])
def test_every_test_of_the_selector_passes(
    company: Settings, tmp_path: Path, selector: str, fewest: int
) -> None:
    variables = {
        **transform._company(company),
        "as_of": LAST_NIGHT.isoformat(),
        "schema_prefix": "",
        "last_delivery_id": transform.ALL_DELIVERIES,
    }
    with transform._database_environment(company):
        outcome = dbtRunner().invoke(
            ["--quiet", "--log-level-file", "none", "test", "--selector", selector,
             "--vars", json.dumps(variables), "--project-dir", str(company.dbt_project),
             "--profiles-dir", str(company.dbt_project), "--target-path", str(tmp_path)]
        )  # fmt: skip
    assert outcome.result is not None, outcome.exception
    statuses = {result.node.name: str(result.status) for result in outcome.result}
    assert len(statuses) >= fewest, "tests have gone missing from the selector"
    assert {name for name, status in statuses.items() if status != "pass"} == set()
