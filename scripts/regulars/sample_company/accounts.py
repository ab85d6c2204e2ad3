"""What each order brought and each case cost: the books of a company that knows everything."""

from __future__ import annotations

import numpy as np

from regulars.sample_company.company import Company
from regulars.sample_company.localtime import MISSING

# What the pipeline assumes too (agent_minute_cost in dbt_project.yml): 36 an hour.
AGENT_MINUTE_CENTS = 60


def order_margins(c: Company) -> np.ndarray:
    """Euro cents per order: sales less discounts, refunds, goods, shipping, fees and handling.

    A cancelled order brings nothing and costs nothing. Every refund counts, however late.
    """
    lines, orders, refunds = c.lines, c.orders, c.refunds
    size = len(orders.customer)
    version = c.shop.version(c.night(orders.ordered_at))[lines.order]
    unit_cost = c.shop.cost[version, lines.product]
    euros = c.euros_per_unit
    of_line, of_refund = euros[lines.order], euros[lines.order[refunds.line]]
    margin = np.bincount(lines.order, lines.net * of_line - unit_cost * lines.quantity, size)
    margin -= (orders.shipping + orders.fee) * euros
    restocked = unit_cost[refunds.line] * refunds.quantity * refunds.is_restocked
    given_back = (refunds.amount + refunds.handling) * of_refund - restocked
    margin -= np.bincount(lines.order[refunds.line], given_back, size)
    return np.where(orders.cancelled_at == MISSING, margin, 0.0)


def case_costs(c: Company) -> np.ndarray:
    """Cents per case: the agents' time and what was given for goodwill."""
    return c.cases.agent_minutes * AGENT_MINUTE_CENTS + c.cases.goodwill
