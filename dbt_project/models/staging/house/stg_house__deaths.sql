with current_rows as (

    {{ current_version('house', 'deaths') }}

)

select
    customer_id,
    coalesce(is_withdrawn, false) as is_withdrawn
from current_rows
