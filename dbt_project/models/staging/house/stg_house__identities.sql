with current_rows as (

    {{ current_version('house', 'identities') }}

)

select
    old_customer_id,
    customer_id,
    is_merged,
    changed_at
from current_rows
