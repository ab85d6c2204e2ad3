-- Conserved: what the current rows of all systems say is in the marts, held or not, to the cent; in
-- another currency, at its rate, order by order.
with order_rates as (

    select * from {{ ref('int_order_rates') }}

),

rated_refunds as (

    select
        refunds.refund_id,
        order_rates.rate
    from {{ ref('fct_refunds') }} as refunds
    inner join order_rates on refunds.order_id = order_rates.order_id

),

orphan_lines as (

    select
        coalesce(sum(lines.gross_sales), 0) as gross_sales,
        coalesce(sum(lines.discount), 0) as discounts
    from {{ ref('fct_order_lines') }} as lines
    left join {{ ref('fct_orders') }} as orders on lines.order_id = orders.order_id
    where
        lines.customer_id = {{ unknown_customer() }}
        and orders.order_id is null

),

rated_lines as (

    select
        lines.order_id,
        lines.line_no,
        cast(lines.quantity * lines.unit_price as numeric(14, 2)) as gross_sales,
        coalesce(lines.discount, 0) as discount,
        order_rates.rate
    from {{ ref('int_order_lines_unioned') }} as lines
    inner join order_rates on lines.order_id = order_rates.order_id

),

-- Rounded order by order at its rate; without one, amounts of two digits add up as they are.
delivered_amounts as (

    select
        round(sum(gross_sales) * max(rate), 2) as gross_sales,
        round(sum(gross_sales) * max(rate), 2)
        - round((sum(gross_sales) - sum(discount)) * max(rate), 2) as discount
    from rated_lines
    group by order_id
    union all
    select
        sum(cast(lines.quantity * lines.unit_price as numeric(14, 2))) as gross_sales,
        sum(coalesce(lines.discount, 0)) as discount
    from {{ ref('int_order_lines_unioned') }} as lines
    left join order_rates on lines.order_id = order_rates.order_id
    where order_rates.order_id is null

),

delivered_lines as (

    select
        coalesce(sum(gross_sales), 0) as gross_sales,
        coalesce(sum(discount), 0) as discounts
    from delivered_amounts

),

delivered_orders as (

    select
        count(*) as orders,
        coalesce(sum(
            case
                when order_rates.order_id is null
                    then coalesce(orders.shipping_cost, 0) + coalesce(orders.payment_fee, 0)
                else
                    round(coalesce(orders.shipping_cost, 0) * order_rates.rate, 2)
                    + round(coalesce(orders.payment_fee, 0) * order_rates.rate, 2)
            end
        ), 0) as costs
    from {{ ref('int_orders_unioned') }} as orders
    left join order_rates on orders.order_id = order_rates.order_id

),

delivered_refunds as (

    select coalesce(sum(refunds.amount), 0) as amount
    from {{ ref('int_refunds_unioned') }} as refunds
    left join rated_refunds on refunds.refund_id = rated_refunds.refund_id
    where rated_refunds.rate is null

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
        coalesce(sum(case when rated_refunds.rate is null then refunds.amount end), 0)
            as plain_amount,
        coalesce(sum(refunds.amount), 0) as amount,
        coalesce(sum(
            case when refunds.is_held then refunds.amount else refunds.excess_amount end
        ), 0) as uncounted_amount,
        coalesce(sum(refunds.excess_amount), 0) as excess_amount
    from {{ ref('fct_refunds') }} as refunds
    left join rated_refunds on refunds.refund_id = rated_refunds.refund_id

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
        mart_refunds.plain_amount as in_marts
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
union all
-- each within a cent of its amount at the rate, rounded twice
select
    'refunds in other currencies' as what,
    sum(refunds.amount * rated_refunds.rate) as delivered,
    sum(converted.amount) as in_marts
from {{ ref('int_refunds_unioned') }} as refunds
inner join rated_refunds on refunds.refund_id = rated_refunds.refund_id
inner join {{ ref('fct_refunds') }} as converted on refunds.refund_id = converted.refund_id
group by refunds.refund_id
having abs(sum(refunds.amount * rated_refunds.rate) - sum(converted.amount)) > 0.02
union all
-- each within a cent of its amount at the rate: the difference of two that are rounded
select
    'lines in other currencies' as what,
    sum(cast(lines.gross_sales as numeric(20, 4)) * lines.rate) as delivered,
    sum(converted.gross_sales) as in_marts
from rated_lines as lines
left join {{ ref('fct_order_lines') }} as converted
    on
        lines.order_id = converted.order_id
        and lines.line_no = converted.line_no
group by lines.order_id, lines.line_no
having
    coalesce(
        abs(
            sum(cast(lines.gross_sales as numeric(20, 4)) * lines.rate)
            - sum(converted.gross_sales)
        ) > 0.01
        or abs(
            sum(cast(lines.discount as numeric(20, 4)) * lines.rate)
            - sum(converted.discount)
        ) > 0.02,
        true
    )
