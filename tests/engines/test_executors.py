"""A company of thirty thousand on two executors of one core each: the night of PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from regulars.settings import Settings
from studies.benchmarks.bulk_deliveries import BULK_NIGHT, write
from tests.engines.engines import SPARK
from tests.engines.whole_nights import assert_same_first_night

pytestmark = [*SPARK.marks, pytest.mark.slow]  # a quarter of an hour of CPU

CUSTOMERS = 30_000


def test_a_night_on_executors_is_that_of_postgres(make_settings: Callable[..., Settings]) -> None:
    expected = make_settings("thirty_thousand")
    write(expected.landing, CUSTOMERS)
    other = make_settings("spark", engine="spark", spark_master="local-cluster[2,1,1536]")
    assert_same_first_night(expected, replace(other, landing=expected.landing), BULK_NIGHT)
