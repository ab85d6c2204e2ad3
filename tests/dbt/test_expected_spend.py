"""The spend model stands twice, in SQL for the night and in Python for the books: they agree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from regulars import warehouse
from regulars.clv.gamma_gamma import GammaGamma
from regulars.settings import Settings

SPENDS = """
select purchase_days, monetary_value, modelled_order_value
from intermediate.int_customers_scored
where monetary_value is not null  -- some bought without a rate alone
"""
PARAMETERS = """
select parameter, value::float8
from scores.model_parameters
where model = 'gamma_gamma' and fitted_on = as_of
"""


def test_sql_expects_the_spend_that_gamma_gamma_expects(company: Settings) -> None:
    with warehouse.connect(company, "admin") as connection:
        parameters: dict[str, float] = dict(connection.execute(PARAMETERS).fetchall())
        rows = connection.execute(SPENDS).fetchall()
    columns = ["purchase_days", "monetary_value", "in_sql"]
    spends = pd.DataFrame(rows, columns=columns).astype("float64")
    expected = GammaGamma.from_params(**parameters).expected_spend(spends)
    assert len(spends) > 100
    assert spends["purchase_days"].nunique() > 3, "one history proves nothing about the others"
    # Half a cent of rounding, and what eight decimals of a parameter leave open.
    assert np.abs(expected - spends["in_sql"]).max() < 0.01
