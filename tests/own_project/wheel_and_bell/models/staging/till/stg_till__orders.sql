select
    receipt_no as order_id,
    coalesce(min(member_no), {{ regulars.unknown_customer('receipt_no') }}) as customer_id,
    min(rung_up_at) as ordered_at,
    min({{ regulars.local_date('rung_up_at') }}) as ordered_on,
    'delivered' as status,
    'sale' as order_type,
    'EUR' as currency,
    0 as shipping_cost,
    0 as payment_fee,
    'shop' as channel
from ({{ regulars.current_version('till', 'till_receipts') }}) as receipts
group by receipt_no
