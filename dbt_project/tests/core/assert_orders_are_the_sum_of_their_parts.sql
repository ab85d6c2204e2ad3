{{ config(tags=['oracle']) }}
-- Every order's money follows from its lines and refunds; every identity holds to the cent.
with orders as (

    select * from {{ ref('fct_orders') }}

),

lines as (

    select
        order_id,
        sum(gross_sales) as gross_sales,
        sum(discount) as discounts,
        sum(refunded_amount) as line_refunds,
        sum(net_sales) as net_sales,
        sum(cost_of_goods) as cost_of_goods
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

)

select orders.order_id
from orders
left join lines on orders.order_id = lines.order_id
left join order_refunds on orders.order_id = order_refunds.order_id
where
    orders.net_sales <> orders.gross_sales - orders.discounts - orders.refunded_amount
    or orders.contribution_margin <> orders.net_sales - orders.cost_of_goods
    - orders.shipping_cost - orders.payment_fee - orders.returns_handling_cost
    - orders.points_cost
    or orders.gross_sales <> coalesce(lines.gross_sales, 0)
    or orders.discounts <> coalesce(lines.discounts, 0)
    or orders.cost_of_goods <> coalesce(lines.cost_of_goods, 0)
    or orders.net_sales <> coalesce(lines.net_sales, 0) - coalesce(order_refunds.amount, 0)
    or orders.refunded_amount
    <> coalesce(lines.line_refunds, 0) + coalesce(order_refunds.amount, 0)
