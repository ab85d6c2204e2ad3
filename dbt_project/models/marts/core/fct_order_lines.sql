{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched() }}",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["source_customer_id"]}],
) }}

with order_lines as (

    select * from {{ ref('int_order_lines_priced') }}

),

orders as (

    select
        order_id,
        customer_id
    from {{ ref('int_orders_unioned') }}
    where {{ only_touched_orders() }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

final as (

    select
        ---------- ids
        order_lines.order_id,
        order_lines.line_no,
        coalesce(customers.customer_id, {{ unknown_customer() }}) as customer_id,
        coalesce(orders.customer_id, {{ unknown_customer('order_lines.order_id') }})
            as source_customer_id,
        order_lines.product_id,
        order_lines.category,

        ---------- quantities and money
        order_lines.quantity,
        order_lines.gross_sales,
        order_lines.discount,
        order_lines.refunded_quantity,
        order_lines.refunded_amount,
        cast(
            order_lines.gross_sales - order_lines.discount - order_lines.refunded_amount
            as numeric(14, 2)
        ) as net_sales,
        order_lines.cost_of_goods
    from order_lines
    left join orders on order_lines.order_id = orders.order_id
    left join customers on orders.customer_id = customers.customer_id

)

select * from final
