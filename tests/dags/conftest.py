"""What Airflow finds in dags/, loaded once in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from regulars.nights.orchestration import airflow_environment
from regulars.settings import PROJECT, Settings


@pytest.fixture(scope="session")
def airflow_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("airflow")
    return airflow_environment(Settings(project=PROJECT, home=home, landing=home / "landing"))


@pytest.fixture(scope="session")
def found(airflow_env: dict[str, str]) -> dict:
    script = Path(__file__).with_name("describe.py")
    process = subprocess.run(
        [sys.executable, str(script)], env=airflow_env, capture_output=True, text=True, timeout=300
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout.splitlines()[-1])
