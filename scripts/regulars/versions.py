"""The versions that results depend on, as logs and manifests name them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import version

LIBRARIES = (
    "dbt-core",
    "email-validator",
    "numpy",
    "pandas",
    "phonenumbers",
    "psycopg",
    "regulars",
    "scipy",
)


def of_libraries(names: Iterable[str] = LIBRARIES) -> dict[str, str]:
    """Library name -> installed version, in name order."""
    return {name: version(name) for name in sorted(names)}


def as_json(names: Iterable[str] = LIBRARIES) -> str:
    return json.dumps(of_libraries(names))
