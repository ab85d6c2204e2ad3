with current_rows as (

    {{ current_version('house', 'erasure_requests') }}

)

select
    request_id,
    customer_id,
    coalesce(is_withdrawn, false) as is_withdrawn
from current_rows
