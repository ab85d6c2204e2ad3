{{ config(tags=['oracle']) }}
-- The model's input again, from lines and refunds instead of orders' totals and numbers.
with order_totals as (

    select
        order_id,
        sum(net_sales) as net_sales
    from {{ ref('fct_order_lines') }}
    group by order_id

),

order_refunds as (

    select
        order_id,
        sum(amount - excess_amount) as amount
    from {{ ref('fct_refunds') }}
    where
        not is_held
        and line_no is null
    group by order_id

),

orders as (

    select * from {{ ref('fct_orders') }}

),

bought as (

    select
        orders.customer_id,
        orders.ordered_on,
        case
            when orders.exchange_rate is not null
                then order_totals.net_sales - coalesce(order_refunds.amount, 0)
            else 0
        end as net_sales
    from orders
    inner join order_totals on orders.order_id = order_totals.order_id
    left join order_refunds on orders.order_id = order_refunds.order_id
    where
        orders.customer_id <> {{ unknown_customer() }}
        and orders.order_type = 'sale'
        and orders.status not in ('pending', 'cancelled')
        and order_totals.net_sales - coalesce(order_refunds.amount, 0) > 0

),

recomputed as (

    select
        customer_id,
        count(distinct ordered_on) - 1 as frequency,
        max(ordered_on) as last_purchase_on,
        min(ordered_on) as first_purchase_on,
        sum(net_sales) as net_sales
    from bought
    group by customer_id

),

summaries as (

    select * from {{ ref('customer_purchase_summaries') }}

)

select coalesce(summaries.customer_id, recomputed.customer_id) as customer_id
from summaries
full outer join recomputed on summaries.customer_id = recomputed.customer_id
where
    summaries.customer_id is null
    or recomputed.customer_id is null
    or summaries.frequency <> recomputed.frequency
    or summaries.first_purchase_on <> recomputed.first_purchase_on
    or summaries.last_purchase_on <> recomputed.last_purchase_on
    or summaries.net_sales <> recomputed.net_sales
