"""Quantiles of value are interpolated and scaled in SQL: the law itself gives the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from regulars import warehouse
from regulars.backtesting.candidates import CANDIDATES
from regulars.clv import GammaGamma
from regulars.clv.value_distribution import GIVEN_PURCHASE, value_quantiles
from regulars.settings import Settings
from regulars.value_knots import KNOTS

CUSTOMERS = """
select
    s.frequency, s.recency_days as recency, s.customer_age_days as "T", s.expected_order_value,
    s.purchase_probability_12m as bought, s.expected_order_value * s.margin_rate as margin,
    s.variable_cost_per_order + s.service_per_order as cost, v.value_given_purchase_p10 as p10,
    v.value_given_purchase_p50 as p50, v.value_given_purchase_p90 as p90, v.value_p90,
    v.net_sales_p90, v.orders_given_purchase_p90 as orders
from marts.customer_lifetime_values as v
inner join intermediate.int_customers_scored as s using (customer_id)
"""
PARAMETERS = """
select p.model, p.parameter, p.value::float8
from scores.model_parameters as p
inner join scores.model_runs as r using (model, fitted_on)
where r.is_champion or (p.model = 'gamma_gamma' and p.fitted_on = p.as_of)
"""


def test_ranges_in_sql_are_those_of_the_value_distribution(company: Settings) -> None:
    with warehouse.connect(company, "admin") as connection:
        result = connection.execute(CUSTOMERS)
        names = [column.name for column in result.description or []]
        rows = pd.DataFrame(result.fetchall(), columns=names).astype("float64")
        parameters = connection.execute(PARAMETERS).fetchall()
    (champion,) = {name for name, _, _ in parameters} - {GammaGamma.name}
    model, spend = (
        kind.from_params(**{key: value for name, key, value in parameters if name == kind.name})
        for kind in (CANDIDATES[champion], GammaGamma)
    )
    assert (rows["margin"] > 0).all(), "a loss on goods is under test in dbt"
    found = value_quantiles(model, spend, rows, 365)
    share, scale = rows["cost"] / (rows["margin"] + rows["cost"]), rows["margin"] + rows["cost"]
    assert share.nunique() > 100

    def between(law: np.ndarray) -> np.ndarray:
        return np.array([np.interp(x, KNOTS, row) for x, row in zip(share, law, strict=True)])

    slack = 0.006 + 1e-5 * scale  # half a cent, and six places of a score
    for name in GIVEN_PURCHASE:
        said = scale * between(found.given_purchase[name])
        assert (np.abs(said - rows[name]) < slack).all()
    top = scale * np.maximum(between(found.p90), 0)
    unsure = rows["bought"] <= 0.9
    assert (np.abs(top - rows["value_p90"]) < slack)[unsure].all()
    sales = rows["expected_order_value"] * np.maximum(found.p90[:, 0], 0)
    assert (np.abs(sales - rows["net_sales_p90"]) < slack + 1e-5 * sales).all()
    np.testing.assert_array_equal(found.orders["p90"], rows["orders"])
