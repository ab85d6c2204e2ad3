-- Conserved: what the current rows of all systems say is in the marts, held or not, to the cent.
with orphan_lines as (

    select
        coalesce(sum(lines.gross_sales), 0) as gross_sales,
        coalesce(sum(lines.discount), 0) as discounts
    from {{ ref('fct_order_lines') }} as lines
    left join {{ ref('fct_orders') }} as orders on lines.order_id = orders.order_id
    where
        lines.customer_id = {{ unknown_customer() }}
        and orders.order_id is null

),

delivered_lines as (

    select
        coalesce(sum(cast(quantity * unit_price as numeric(14, 2))), 0) as gross_sales,
        coalesce(sum(discount), 0) as discounts
    from {{ ref('int_order_lines_unioned') }}

),

delivered_orders as (

    select
        count(*) as orders,
        coalesce(sum(shipping_cost), 0) + coalesce(sum(payment_fee), 0) as costs
    from {{ ref('int_orders_unioned') }}

),

delivered_refunds as (

    select coalesce(sum(amount), 0) as amount from {{ ref('int_refunds_unioned') }}

),

mart_orders as (

    select
        count(*) as orders,
        coalesce(sum(gross_sales), 0) as gross_sales,
        coalesce(sum(discounts), 0) as discounts,
        coalesce(sum(shipping_cost), 0) + coalesce(sum(payment_fee), 0) as costs,
        coalesce(sum(refunded_amount), 0) as refunded_amount,
        coalesce(sum(excess_refunds), 0) as excess_refunds
    from {{ ref('fct_orders') }}

),

mart_refunds as (

    select
        coalesce(sum(amount), 0) as amount,
        coalesce(sum(case when is_held then amount else excess_amount end), 0)
            as uncounted_amount,
        coalesce(sum(excess_amount), 0) as excess_amount
    from {{ ref('fct_refunds') }}

),

compared as (

    select
        'orders' as what,
        delivered_orders.orders as delivered,
        mart_orders.orders as in_marts
    from delivered_orders
    cross join mart_orders
    union all
    select
        'gross sales' as what,
        delivered_lines.gross_sales as delivered,
        mart_orders.gross_sales + orphan_lines.gross_sales as in_marts
    from delivered_lines
    cross join mart_orders
    cross join orphan_lines
    union all
    select
        'discounts' as what,
        delivered_lines.discounts as delivered,
        mart_orders.discounts + orphan_lines.discounts as in_marts
    from delivered_lines
    cross join mart_orders
    cross join orphan_lines
    union all
    select
        'shipping and fees' as what,
        delivered_orders.costs as delivered,
        mart_orders.costs as in_marts
    from delivered_orders
    cross join mart_orders
    union all
    select
        'refunds' as what,
        delivered_refunds.amount as delivered,
        mart_refunds.amount as in_marts
    from delivered_refunds
    cross join mart_refunds
    union all
    select
        'refunds taken off sales' as what,
        mart_refunds.amount - mart_refunds.uncounted_amount as delivered,
        mart_orders.refunded_amount as in_marts
    from mart_refunds
    cross join mart_orders
    union all
    select
        'refunds above sales' as what,
        mart_refunds.excess_amount as delivered,
        mart_orders.excess_refunds as in_marts
    from mart_refunds
    cross join mart_orders

)

select *
from compared
where delivered <> in_marts
