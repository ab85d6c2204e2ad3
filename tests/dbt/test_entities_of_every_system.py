"""Every system of the product supplies each column of the entities that it has.

Of models that spell out what they select; others are made by one macro for several systems.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from regulars.settings import PROJECT

STAGING = PROJECT / "dbt_project" / "models" / "staging"
MODELS = [
    path for path in sorted(STAGING.glob("*/stg_*__*.sql")) if "\nselect\n" in path.read_text()
]


@pytest.fixture(scope="session")
def columns(render: Callable[[str], str]) -> dict[str, list[str]]:
    """The columns of each entity that some system has, in one compilation."""
    entities = sorted({path.stem.split("__")[1] for path in MODELS})
    lines = render(
        f"{{% for entity in {entities} %}}"
        "{{ entity }}:{{ entity_columns(entity) | map(attribute=0) | join(' ') }}\n"
        "{% endfor %}"
    )
    return {
        entity: names.split()
        for entity, _, names in (line.partition(":") for line in lines.split("\n") if line)
    }


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_of_staging_has_every_column_of_its_entity(
    path: Path, columns: dict[str, list[str]]
) -> None:
    _, _, selected = path.read_text().rpartition("\nselect\n")
    named = set(re.findall(r"(?:\bas |\.|^ {4})(\w+),?$", selected, re.MULTILINE))
    assert set(columns[path.stem.split("__")[1]]) - named == set()
