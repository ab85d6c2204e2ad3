with items as (

    {{ visible_rows('olist', 'olist_order_items') }}

)

select
    ---------- ids
    order_id,
    order_item_id as line_no,
    product_id,

    ---------- quantities and money
    1 as quantity,
    price as unit_price,
    0 as discount
from items
