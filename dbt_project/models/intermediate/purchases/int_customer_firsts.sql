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
        customer_id,
        acquisition_channel
    from {{ ref('fct_orders') }}
    where
        order_seq = 1
        and {{ only_touched_customers('source_customer_id') }}

),

categories as (

    select
        order_id,
        category,
        sum(net_sales) as net_sales
    from {{ ref('fct_order_lines') }}
    where
        category is not null
        and {{ only_touched_customers('source_customer_id') }}
    group by order_id, category

),

placed as (

    select
        orders.customer_id,
        orders.acquisition_channel,
        categories.category,
        row_number() over (
            partition by orders.customer_id
            order by
                categories.net_sales desc nulls last,
                {{ text_order('categories.category') }} asc nulls last
        ) as place
    from orders
    left join categories on orders.order_id = categories.order_id

)

select
    customer_id,
    acquisition_channel,
    category as first_category
from placed
where place = 1
