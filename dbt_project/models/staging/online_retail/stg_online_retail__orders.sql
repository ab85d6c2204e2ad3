-- An invoice is an order. It was issued, so it was paid for; nothing says when it was delivered.
select
    ---------- ids
    invoice_no as order_id,
    coalesce(max(customer_id), {{ unknown_customer('invoice_no') }}) as customer_id,

    ---------- properties
    'paid' as status,
    'sale' as order_type,
    'GBP' as currency,
    cast(null as {{ dbt.type_string() }}) as channel,
    cast(null as {{ dbt.type_string() }}) as acquisition_channel,

    ---------- money
    0 as shipping_cost,
    0 as payment_fee,

    ---------- times
    min(invoiced_at) as ordered_at,
    {{ local_date('min(invoiced_at)') }} as ordered_on,
    cast(null as {{ type_instant() }}) as delivered_at,
    cast(null as date) as promised_delivery_on
from {{ ref('base_online_retail__lines') }}
where line_kind = 'sale'
group by invoice_no
