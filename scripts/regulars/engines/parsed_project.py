"""The project as dbt has parsed it: once for all layers that one process builds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.engines import dbt_command
from regulars.engines.dbt_results import TransformError
from regulars.night import Night
from regulars.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PARSED_FOLDERS = ("models", "macros", "seeds", "tests")
READ_WHILE_PARSING = ("REGULARS_AS_OF", "REGULARS_DBT_DBNAME")

_kept: dict[tuple[str, ...], Manifest] = {}  # the last one


def parsed(
    settings: Settings, night: Night, variables: Mapping[str, object] | None = None
) -> Manifest:
    """What dbt makes of the project's files tonight; manifest.json is left in the target folder.

    The caller has set the environment that the project reads. Raises TransformError.
    """
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    arguments = dbt_command.parse(settings, night, variables or {})
    environment = [os.environ.get(name, "") for name in READ_WHILE_PARSING]
    key = (_digest(settings.dbt_project), *environment, *arguments)
    if key not in _kept:
        outcome = dbtRunner().invoke(arguments)
        if not (outcome.success and isinstance(outcome.result, Manifest)):
            raise TransformError(f"dbt could not read the project: {outcome.exception}")
        _kept.clear()
        _kept[key] = outcome.result
    return _kept[key]


def _digest(dbt_project: Path) -> str:
    """Another one whenever a file that dbt parses is another."""
    digest = hashlib.sha256()
    files = [f for name in PARSED_FOLDERS for f in (dbt_project / name).rglob("*") if f.is_file()]
    for file in sorted([*files, *dbt_project.glob("*.yml")]):
        digest.update(str(file.relative_to(dbt_project)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
