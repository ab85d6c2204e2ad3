-- A cancellation names no sale: the customer and the product must find it.
select
    ---------- ids
    {{ concat_text(['invoice_no', "'-'", 'line_no']) }} as refund_id,
    cast(null as {{ dbt.type_string() }}) as order_id,
    cast(null as integer) as line_no,
    customer_id,
    product_id,

    ---------- quantities and money
    -quantity as quantity,
    cast(round(-quantity * unit_price, 2) as numeric(14, 2)) as amount,
    true as is_restocked,
    cast(null as {{ dbt.type_string() }}) as reason,
    0 as handling_cost,

    ---------- times
    invoiced_at as refunded_at,
    {{ local_date('invoiced_at') }} as refunded_on
from {{ ref('base_online_retail__lines') }}
where line_kind = 'return'
