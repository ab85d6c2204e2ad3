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

),

spent as (

    select
        summed.*,
        case when category is not null and net_sales > 0 then net_sales end as positive_sales
    from summed

)

select
    customer_id,
    category,
    cast(net_sales as numeric(14, 2)) as net_sales,
    -- of all that they spent here on products with a category
    cast(
        {{ ratio('positive_sales', 'sum(positive_sales) over (partition by customer_id)', 2) }}
        as numeric(5, 2)
    ) as share,
    cast(orders as integer) as orders,

    ---------- days on which something of it was paid for
    cast(paid_days as integer) as paid_days,
    first_paid_on,
    last_paid_on
from spent
