"""How soon the command line answers."""

from __future__ import annotations

import subprocess
import sys

SLOW = {"airflow", "dbt", "great_expectations", "pandas", "scipy"}


def test_no_command_waits_for_libraries_that_it_does_not_use() -> None:
    asked = f"import sys, regulars.cli; print(*sorted({SLOW} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == []
