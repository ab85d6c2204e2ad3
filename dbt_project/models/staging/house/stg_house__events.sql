with current_rows as (

    {{ current_version('house', 'events') }}

)

select
    ---------- ids
    event_id,

    ---------- properties
    name,
    city,
    country,
    capacity,

    ---------- times
    starts_at,
    ends_at
from current_rows
