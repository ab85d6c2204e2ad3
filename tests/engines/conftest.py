"""What the tests of other engines share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def quick_start() -> Iterator[None]:
    """Spark reads its own configuration from here, as from a company's folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(Path(__file__).with_name("spark_conf")))
        yield
