"""Which other engines there are, and what each needs to be tested."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from regulars.settings import PROJECT

SPARK_PYTHON = PROJECT / ".venv-spark" / "bin" / "python"
HAS_SPARK = SPARK_PYTHON.exists() and shutil.which("java") is not None

# A night of few rows and many queries; values alone are computed as Spark comes.
QUICK_START = Path(__file__).with_name("spark_conf")

DUCKDB = pytest.param("duckdb", id="duckdb")
SPARK = pytest.param(
    "spark",
    id="spark",
    marks=[
        pytest.mark.spark,
        pytest.mark.timeout(3600),  # two nights, and what a Java process takes to start six times
        pytest.mark.skipif(not HAS_SPARK, reason="`make spark` installs it, and needs Java 17"),
    ],
)
