with current_rows as (

    {{ current_version('house', 'erasure_requests') }}

)

select
    request_id,
    customer_id,
    coalesce(is_withdrawn, false) as is_withdrawn,
    _delivered_on as delivered_on,
    _delivery_id as delivery_id,
    _line as line
from current_rows
