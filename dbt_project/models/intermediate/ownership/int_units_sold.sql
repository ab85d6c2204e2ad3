{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched() }}",
    post_hook="{{ analyze() }}",
) }}

with order_lines as (

    select
        order_id,
        product_id,
        source_customer_id,
        quantity,
        refunded_quantity
    from {{ ref('fct_order_lines') }}
    where
        category in (
            {%- for category in var("unit_categories") %}
            '{{ category }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
        and {{ only_touched_customers('source_customer_id') }}

),

delivered_orders as (

    select
        order_id,
        coalesce({{ local_date('delivered_at') }}, ordered_on) as arrived_on
    from {{ ref('fct_orders') }}
    where
        status = 'delivered'
        and order_type in ('sale', 'replacement')
        and {{ only_touched_customers('source_customer_id') }}

)

select
    order_lines.order_id,
    order_lines.product_id,
    order_lines.source_customer_id,
    cast(sum(order_lines.quantity) as integer) as quantity,
    cast(sum(order_lines.refunded_quantity) as integer) as refunded_quantity,
    delivered_orders.arrived_on
from order_lines
inner join delivered_orders on order_lines.order_id = delivered_orders.order_id
group by
    order_lines.order_id,
    order_lines.product_id,
    order_lines.source_customer_id,
    delivered_orders.arrived_on
