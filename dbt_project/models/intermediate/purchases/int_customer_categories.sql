{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('customer_id') }}",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

with orders as (

    select order_id
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
    where
        category is not null
        and {{ only_touched_customers('source_customer_id') }}

),

summed as (

    select
        order_lines.customer_id,
        order_lines.category,
        sum(order_lines.net_sales) as net_sales
    from order_lines
    inner join orders on order_lines.order_id = orders.order_id
    group by order_lines.customer_id, order_lines.category

)

select
    customer_id,
    category,
    cast(net_sales as numeric(14, 2)) as net_sales
from summed
where net_sales > 0
