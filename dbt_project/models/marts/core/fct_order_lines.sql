{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched() }}",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["source_customer_id"]}],
) }}

with order_lines as (

    select * from {{ ref('int_order_lines_unioned') }}
    where {{ only_touched_orders() }}

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

products as (

    select
        product_id,
        category,
        unit_cost
    from {{ ref('dim_products') }}

),

line_refunds as (

    select
        order_id,
        line_no,
        sum(amount) as amount,
        sum(coalesce(quantity, 0)) as quantity,
        sum(case when is_restocked then coalesce(quantity, 0) else 0 end) as restocked_quantity
    from {{ ref('fct_refunds') }}
    where
        not is_held
        and line_no is not null
        and {{ only_touched_orders() }}
    group by order_id, line_no

),

joined as (

    select
        order_lines.order_id,
        order_lines.line_no,
        coalesce(customers.customer_id, {{ unknown_customer() }}) as customer_id,
        coalesce(orders.customer_id, {{ unknown_customer('order_lines.order_id') }})
            as source_customer_id,
        order_lines.product_id,
        products.category,
        order_lines.quantity,
        cast(order_lines.quantity * order_lines.unit_price as numeric(14, 2)) as gross_sales,
        cast(coalesce(order_lines.discount, 0) as numeric(14, 2)) as discount,
        cast(coalesce(line_refunds.quantity, 0) as integer) as refunded_quantity,
        cast(coalesce(line_refunds.amount, 0) as numeric(14, 2)) as refunded_amount,
        greatest(order_lines.quantity - coalesce(line_refunds.restocked_quantity, 0), 0)
            as kept_quantity,
        products.unit_cost
    from order_lines
    left join orders on order_lines.order_id = orders.order_id
    left join customers on orders.customer_id = customers.customer_id
    left join products on order_lines.product_id = products.product_id
    left join line_refunds
        on
            order_lines.order_id = line_refunds.order_id
            and order_lines.line_no = line_refunds.line_no

),

final as (

    select
        ---------- ids
        joined.order_id,
        joined.line_no,
        joined.customer_id,
        joined.source_customer_id,
        joined.product_id,
        joined.category,

        ---------- quantities and money
        joined.quantity,
        joined.gross_sales,
        joined.discount,
        joined.refunded_quantity,
        joined.refunded_amount,
        cast(joined.gross_sales - joined.discount - joined.refunded_amount as numeric(14, 2))
            as net_sales,
        -- Restocked goods are credited; a product without a cost is assumed to cost a share.
        cast(
            coalesce(
                joined.kept_quantity * joined.unit_cost,
                {{ ratio(
                    'joined.kept_quantity * (joined.gross_sales - joined.discount) * '
                    ~ var('assumed_cost_share'),
                    'joined.quantity',
                    2
                ) }},
                0
            ) as numeric(14, 2)
        ) as cost_of_goods
    from joined

)

select * from final
