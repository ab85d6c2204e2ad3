"""What `regulars status` says in words."""

from __future__ import annotations

import re
from importlib import resources
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from regulars.commands import inspection, look

CHECKED = r"status text not null check \(status in \(([^)]*)\)"
NOTHING: dict[str, object] = {
    "live": None,
    "held": [],
    "waiting": [],
    "feeds": [],
    "delivered": [],
    "to_refresh": [],
    "refused": [],
    "warnings": [],
    "unexpected_files": [],
}


def states_of_builds() -> list[str]:
    """Every one that the warehouse takes."""
    schema = resources.files("regulars.warehouse").joinpath("schema.sql").read_text()
    table = schema.split("create table if not exists ops.builds (")[1]
    found = re.search(CHECKED, table)
    assert found
    return re.findall(r"'(\w+)'", found[1])


@pytest.mark.parametrize("state", states_of_builds())
def test_the_state_of_the_tables_is_said_in_words(state: str) -> None:
    build = {"as_of": "2026-10-31", "status": state}
    with patch.object(inspection, "status", return_value=NOTHING | {"build": build}):
        said = CliRunner().invoke(look.status).output
    assert "Tables: night of 2026-10-31, " in said
    assert "_" not in said
