"""dbt's own tests that the night leaves out, on a company whose nights were run."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from regulars.engines.dbt_command import night_variables, target_folder
from regulars.engines.postgres import database_environment
from regulars.night import Night
from regulars.settings import Settings
from tests import parsed
from tests.company import LAST_NIGHT, clone
from tests.server import drop_database

NIGHT = Night(LAST_NIGHT)


@pytest.fixture(scope="module")
def copy(company: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = clone(company, parsed.COPY, tmp_path_factory.mktemp("own_tests") / "home")
    yield settings
    drop_database(settings)


@pytest.mark.parametrize(("selector", "fewest"), [("units", 18), ("oracle", 32)])
def test_every_test_of_the_selector_passes(copy: Settings, selector: str, fewest: int) -> None:
    from dbt.cli.main import dbtRunner

    with database_environment(copy, REGULARS_AS_OF=LAST_NIGHT.isoformat()):
        outcome = dbtRunner().invoke(
            [
                "--quiet",
                "--log-level-file",
                "none",
                "test",
                "--selector",
                selector,
                "--vars",
                json.dumps(night_variables(copy, NIGHT), ensure_ascii=False),
                "--project-dir",
                str(copy.dbt_project),
                "--profiles-dir",
                str(copy.dbt_project),
                "--target-path",
                str(target_folder(copy, NIGHT)),
            ]
        )
    assert outcome.result is not None, outcome.exception
    statuses = {result.node.name: str(result.status) for result in outcome.result}
    assert len(statuses) >= fewest, "tests have gone missing from the selector"
    assert {name for name, status in statuses.items() if status != "pass"} == set()
