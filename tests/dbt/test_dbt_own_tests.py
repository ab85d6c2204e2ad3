"""dbt's own tests that the night leaves out, on a company whose nights were run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regulars.engines.dbt_command import night_variables
from regulars.engines.postgres import database_environment
from regulars.night import Night
from regulars.settings import Settings
from tests.company import LAST_NIGHT


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where dbt keeps the project as it parsed it for the first selector."""
    return tmp_path_factory.mktemp("target")


@pytest.mark.parametrize(("selector", "fewest"), [("units", 18), ("oracle", 31)])
def test_every_test_of_the_selector_passes(
    company: Settings, target: Path, selector: str, fewest: int
) -> None:
    from dbt.cli.main import dbtRunner

    variables = {
        **night_variables(company, Night(LAST_NIGHT)),
        "as_of": LAST_NIGHT.isoformat(),
    }
    with database_environment(company):
        outcome = dbtRunner().invoke(
            [
                "--quiet",
                "--log-level-file",
                "none",
                "test",
                "--selector",
                selector,
                "--vars",
                json.dumps(variables),
                "--project-dir",
                str(company.dbt_project),
                "--profiles-dir",
                str(company.dbt_project),
                "--target-path",
                str(target),
            ]
        )
    assert outcome.result is not None, outcome.exception
    statuses = {result.node.name: str(result.status) for result in outcome.result}
    assert len(statuses) >= fewest, "tests have gone missing from the selector"
    assert {name for name, status in statuses.items() if status != "pass"} == set()
