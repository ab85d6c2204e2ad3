-- A gift card is a promise and no sale. Where prices contain the tax, it is taken off the price of
-- a piece; what does not divide by the pieces goes to the discount, so that the line is exact. A
-- line's share of every discount, one on the whole order included, stands in the allocations;
-- total_discount repeats some of them, mostly none.
with order_lines as (

    {{ visible_rows('shopify', 'shopify_order_line') }}

),

orders as (

    {{ visible_rows('shopify', 'shopify_order') }}

),

tax_lines as (

    {{ visible_rows('shopify', 'shopify_tax_line') }}

),

allocations as (

    {{ visible_rows('shopify', 'shopify_discount_allocation') }}

),

discounts as (

    select
        order_line_id,
        sum(amount) as discount
    from allocations
    group by order_line_id

),

taxes as (

    select
        order_line_id,
        sum(price) as tax
    from tax_lines
    group by order_line_id

),

joined as (

    select
        order_lines.order_id,
        order_lines.index as line_no,
        coalesce(order_lines.variant_id, order_lines.product_id) as product_id,
        order_lines.quantity,
        order_lines.price,
        coalesce(discounts.discount, order_lines.total_discount, 0) as discount,
        case when orders.taxes_included then coalesce(taxes.tax, 0) else 0 end as tax_inside
    from order_lines
    inner join orders on order_lines.order_id = orders.id
    left join discounts on order_lines.id = discounts.order_line_id
    left join taxes on order_lines.id = taxes.order_line_id
    where
        not coalesce(order_lines.gift_card, false)
        and not coalesce(orders.test, false)

),

priced as (

    select
        joined.*,
        coalesce(
            cast({{ ratio('price * quantity - tax_inside', 'quantity', 2) }} as numeric(14, 2)),
            price
        ) as unit_price
    from joined

)

select
    ---------- ids
    order_id,
    line_no,
    product_id,

    ---------- quantities and money
    quantity,
    unit_price,
    cast(
        discount + unit_price * quantity - (price * quantity - tax_inside) as numeric(14, 2)
    ) as discount
from priced
