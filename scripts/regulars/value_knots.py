"""Where scores hold quantiles of value: shares of costs in margin on goods plus costs.

Costs of 0, 28, 56, 85, 100, 115, 133, 150 and 300% of the margin on goods, and costs alone: dense
where they are near the margin, for there the best year turns from many orders to few. The models
read them as dbt's variable `value_knots`.
"""

KNOTS = (0.0, 0.22, 0.36, 0.46, 0.5, 0.535, 0.57, 0.6, 0.75, 1.0)
