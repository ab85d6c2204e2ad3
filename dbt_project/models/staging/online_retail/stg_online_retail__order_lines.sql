select
    ---------- ids
    invoice_no as order_id,
    line_no,
    product_id,

    ---------- quantities and money
    quantity,
    unit_price,
    0 as discount
from {{ ref('base_online_retail__lines') }}
where line_kind = 'sale'
