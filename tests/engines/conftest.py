"""What the tests of other engines share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines.engines import QUICK_START


@pytest.fixture(scope="module")
def quick_start() -> Iterator[None]:
    """Spark reads its own configuration from here, as from a company's folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(QUICK_START))
        yield
