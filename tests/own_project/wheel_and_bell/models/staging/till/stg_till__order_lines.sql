select
    receipt_no as order_id,
    line_no,
    article as product_id,
    pieces as quantity,
    price as unit_price,
    0 as discount
from ({{ regulars.current_version('till', 'till_receipts') }}) as receipts
