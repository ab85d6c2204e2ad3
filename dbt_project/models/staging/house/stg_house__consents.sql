with current_rows as (

    {{ current_version('house', 'consents') }}

)

select
    customer_id,
    channel,
    purpose,
    changed_at,
    is_granted
from current_rows
