-- Refunded lines, and what belongs to none; carriage that was given back was never a sale.
with delivered as (

    {{ visible_rows('shopify', 'shopify_refund') }}

),

refunds as (

    select
        delivered.*,
        coalesce(processed_at, created_at) as refunded_at
    from delivered

),

refund_lines as (

    {{ visible_rows('shopify', 'shopify_order_line_refund') }}

),

adjustments as (

    {{ visible_rows('shopify', 'shopify_order_adjustment') }}

),

order_lines as (

    {{ visible_rows('shopify', 'shopify_order_line') }}

),

orders as (

    {{ visible_rows('shopify', 'shopify_order') }}

),

of_lines as (

    select
        {{ concat_text(["'line '", 'refund_lines.id']) }} as refund_id,
        refund_lines.refund_id as of_refund,
        order_lines.index as line_no,
        coalesce(order_lines.variant_id, order_lines.product_id) as product_id,
        refund_lines.quantity,
        refund_lines.subtotal as amount,
        coalesce(refund_lines.total_tax, 0) as tax,
        refund_lines.restock_type in ('return', 'cancel') as is_restocked
    from refund_lines
    left join order_lines on refund_lines.order_line_id = order_lines.id
    where not coalesce(order_lines.gift_card, false)

),

without_line as (

    select
        {{ concat_text(["'adjustment '", 'id']) }} as refund_id,
        refund_id as of_refund,
        cast(null as integer) as line_no,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as integer) as quantity,
        -amount as amount,
        0 as tax,
        false as is_restocked
    from adjustments
    where kind = 'refund_discrepancy'

),

unioned as (

    select * from of_lines
    union all
    select * from without_line

)

select
    ---------- ids
    unioned.refund_id,
    refunds.order_id,
    unioned.line_no,
    orders.customer_id,
    unioned.product_id,

    ---------- what and how much
    unioned.quantity,
    cast(
        unioned.amount - case when orders.taxes_included then unioned.tax else 0 end
        as numeric(14, 2)
    ) as amount,
    coalesce(unioned.is_restocked, false) as is_restocked,
    cast(null as {{ dbt.type_string() }}) as reason,
    cast(0 as numeric(14, 2)) as handling_cost,

    ---------- times
    refunds.refunded_at,
    {{ local_date('refunds.refunded_at') }} as refunded_on
from unioned
inner join refunds on unioned.of_refund = refunds.id
inner join orders on refunds.order_id = orders.id
where not coalesce(orders.test, false)
