"""What the tests of macros share: a project that is parsed once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from regulars.engines.dbt_command import night_variables, target_folder
from regulars.engines.postgres import database_environment
from regulars.night import Night
from tests import parsed


@pytest.fixture(scope="session")
def render(make_settings: Callable) -> Callable[[str], str]:
    """render(template): the SQL that dbt makes of a template in this project.

    Always for one database, which need not be there: for another one dbt parses all again.
    """
    from dbt.cli.main import dbtRunner

    settings = make_settings("rendered", database=parsed.WORLD)
    parsed.hand_on(settings)
    night = Night(date(2026, 10, 31))
    project = str(settings.dbt_project)

    def rendered(template: str) -> str:
        with database_environment(settings, REGULARS_AS_OF=night.as_of.isoformat()):
            outcome = dbtRunner().invoke(
                [
                    "--quiet",
                    "--log-level-file",
                    "none",
                    "compile",
                    "--inline",
                    template,
                    "--no-introspect",
                    "--no-populate-cache",
                    "--vars",
                    json.dumps(night_variables(settings, night), ensure_ascii=False),
                    "--project-dir",
                    project,
                    "--profiles-dir",
                    project,
                    "--target-path",
                    str(target_folder(settings, night)),
                ]
            )
        assert outcome.success, str(outcome.exception)
        compiled: Any = outcome.result
        return str(compiled.results[0].node.compiled_code)

    return rendered
