{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('customer_id') }}",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

with orders as (

    select
        order_id,
        ordered_on
    from {{ ref('fct_orders') }}
    where
        is_qualifying
        and {{ only_touched_customers('source_customer_id') }}

),

order_lines as (

    select
        order_id,
        customer_id,
        category,
        net_sales
    from {{ ref('fct_order_lines') }}
    where {{ only_touched_customers('source_customer_id') }}

),

by_order as (

    select
        order_lines.customer_id,
        order_lines.category,
        orders.ordered_on,
        sum(order_lines.net_sales) as net_sales,
        case when max(order_lines.net_sales) > 0 then orders.ordered_on end as paid_on
    from order_lines
    inner join orders on order_lines.order_id = orders.order_id
    group by
        order_lines.customer_id,
        order_lines.category,
        orders.order_id,
        orders.ordered_on

),

summed as (

    select
        customer_id,
        category,
        sum(net_sales) as net_sales,
        count(*) as orders,
        count(distinct paid_on) as paid_days,
        min(paid_on) as first_paid_on,
        max(paid_on) as last_paid_on
    from by_order
    group by customer_id, category

)

select
    customer_id,
    category,
    cast(net_sales as numeric(14, 2)) as net_sales,
    cast(orders as integer) as orders,

    ---------- days on which something of it was paid for
    cast(paid_days as integer) as paid_days,
    first_paid_on,
    last_paid_on
from summed
