"""How large an amount may be.

Columns of money have twelve digits before the point, so an order or a customer may have a hundred
of the largest. The models read it as dbt's variable `carried_digits`.
"""

CARRIED_DIGITS = 10  # before the point
