with current_rows as (

    {{ current_version('house', 'consents') }}

)

select
    customer_id,
    channel,
    purpose,
    changed_at,
    is_granted,
    _delivered_on as delivered_on,
    _delivery_id as delivery_id,
    _line as line
from current_rows
