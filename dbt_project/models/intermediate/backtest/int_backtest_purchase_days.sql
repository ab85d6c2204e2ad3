{{ config(post_hook="{{ analyze() }}") }}

-- An order has a row per state; all say the same of tonight.
with orders as (

    select distinct
        order_id,
        customer_id,
        ordered_on,
        net_sales
    from {{ ref('int_backtest_orders') }}
    where is_qualifying

),

final as (

    select
        customer_id,
        ordered_on,
        sum(net_sales) as value
    from orders
    group by customer_id, ordered_on

)

select * from final
