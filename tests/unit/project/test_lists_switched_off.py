"""A company can switch off any list: nothing that others need asks it for a threshold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from regulars.project import list_definitions
from regulars.settings import PROJECT

MODELS = PROJECT / "dbt_project" / "models"
LISTS = set(list_definitions.for_dbt(PROJECT / "dbt_project"))
ASKED = re.compile(r"list_(?:threshold|value|definition)\('(\w+)'")


def _askers() -> list[tuple[Path, str]]:
    """Each model that is no list itself, with each list that it asks."""
    return [
        (path, asked)
        for path in sorted(MODELS.rglob("*.sql"))
        if path.stem not in LISTS
        for asked in sorted(set(ASKED.findall(path.read_text(encoding="utf-8"))))
    ]


def test_some_models_ask_one_list() -> None:
    assert ("int_case_troubles", "make_it_right") in {(p.stem, asked) for p, asked in _askers()}


@pytest.mark.parametrize(("path", "asked"), _askers(), ids=lambda of: getattr(of, "stem", of))
def test_a_model_that_asks_a_list_is_switched_off_with_it(path: Path, asked: str) -> None:
    assert f'enabled="{asked}" in var("lists")' in path.read_text(encoding="utf-8")
