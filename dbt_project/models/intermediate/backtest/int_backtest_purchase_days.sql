{{ config(post_hook="{{ analyze() }}") }}

-- An order has a row per state; all say the same of tonight, and the last one still holds.
select
    customer_id,
    ordered_on,
    sum(net_sales) as value
from {{ ref('int_backtest_orders') }}
where
    is_qualifying
    and known_until is null
group by customer_id, ordered_on
