{{ config(tags=['oracle']) }}
-- What the definitions say of one another, to a rounding of the cent.
with lifetime_values as (

    select * from {{ ref('customer_lifetime_values') }}

)

select customer_id
from lifetime_values
where
    net_clv_12m <> expected_margin_12m - cost_to_serve_12m
    or churn_probability_12m <> 1 - purchase_probability_12m
    or abs(value_at_risk - probability_alive * (value_if_kept_12m - value_if_active_12m)) > 0.02
    or abs(value_gone - (1 - probability_alive) * value_if_active_12m) > 0.02
    or abs(net_clv_12m - probability_alive * value_if_active_12m) > 0.02
