with current_rows as (

    {{ current_version('house', 'loyalty') }}

)

select
    ---------- ids
    entry_id,
    customer_id,
    order_id,

    ---------- properties
    kind,
    points,

    ---------- times
    booked_at,
    expires_on
from current_rows
