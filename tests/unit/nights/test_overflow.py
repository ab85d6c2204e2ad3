"""Amounts that add up to more than a column of money holds are told with the rows to look for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest

from regulars.feeds import largest_amounts
from regulars.night import Night
from regulars.nights import run
from regulars.nights.steps import Step
from regulars.settings import PROJECT, Settings
from regulars.transform import TransformError
from regulars.warehouse import WarehouseError

ADVICE = "raw.order_lines: 101 rows"


@pytest.mark.parametrize(
    ("raised", "told", "is_advised"),
    [
        (TransformError("fct_orders: numeric field overflow"), TransformError, True),
        (TransformError("fct_orders: division by zero"), TransformError, False),
        (psycopg.errors.NumericValueOutOfRange("of 9999999999.99"), WarehouseError, True),
        (psycopg.errors.DivisionByZero("in this row"), WarehouseError, False),
    ],
)
def test_where_a_model_or_a_step_overflows_it_is_said_which_rows_to_look_for(
    tmp_path: Path, raised: Exception, told: type[Exception], is_advised: bool
) -> None:
    def overflow(*_: object) -> dict[str, object]:
        raise raised

    settings = Settings(project=PROJECT, home=tmp_path, landing=tmp_path)
    step = Step(overflow, "transform.marts", "a-model-or-dbt-test-failed")
    with (
        patch.object(largest_amounts, "advice", return_value=ADVICE),
        pytest.raises(told) as refused,
    ):
        run._carried_out("transform", step, settings, Night(date(2026, 3, 10)))
    assert (ADVICE in str(refused.value)) is is_advised
    assert "9999999999.99" not in str(refused.value)
