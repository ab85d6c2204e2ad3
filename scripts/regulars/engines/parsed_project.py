"""The project as dbt has parsed it: once for all that is built in a database, in any process."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from regulars import own_project
from regulars.engines import dbt_command, left_parsed
from regulars.engines.dbt_results import TransformError
from regulars.night import Night
from regulars.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PARSED_FOLDERS = ("models", "macros", "seeds", "tests")
DATABASE = "REGULARS_DBT_DBNAME"  # of the profile, which the manifest does not say

_kept: dict[tuple[str, ...], Manifest] = {}  # the last one


def parsed(
    settings: Settings, night: Night, variables: Mapping[str, object] | None = None
) -> Manifest:
    """What dbt makes of the project's files tonight; manifest.json is left in the target folder.

    The caller has set the environment that the project reads. Raises TransformError.
    """
    arguments = dbt_command.parse(settings, night, variables or {})
    key = (_digest(settings.dbt_project), os.environ.get(DATABASE, ""), *arguments)
    if key not in _kept or not _environment_is_as_read(_kept[key]):
        folder = dbt_command.target_folder(settings, night)
        manifest = left_parsed.take(folder, key)
        if manifest is None or not _environment_is_as_read(manifest):
            manifest = _parse(arguments)
            left_parsed.leave(folder, key)
        _kept.clear()
        _kept[key] = manifest
    return _kept[key]


def _environment_is_as_read(manifest: Manifest) -> bool:
    """Whether each variable that parsing read, a night's date say, still has the value it had."""
    from dbt.constants import DEFAULT_ENV_PLACEHOLDER

    return all(
        os.environ.get(name, DEFAULT_ENV_PLACEHOLDER) == value
        for name, value in manifest.env_vars.items()
    )


def _parse(arguments: Sequence[str]) -> Manifest:
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    outcome = dbtRunner().invoke(list(arguments))
    if not (outcome.success and isinstance(outcome.result, Manifest)):
        raise TransformError(f"dbt could not read the project: {outcome.exception}")
    return outcome.result


def _digest(dbt_project: Path) -> str:
    """Another one whenever a file that dbt parses is another, a company's or the product's."""
    digest = hashlib.sha256()
    for layer in own_project.layers(dbt_project):
        files = [f for name in PARSED_FOLDERS for f in (layer / name).rglob("*") if f.is_file()]
        for file in sorted([*files, *layer.glob("*.yml")]):
            digest.update(str(file.relative_to(layer)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()
