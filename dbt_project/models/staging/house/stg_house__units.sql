with current_rows as (

    {{ current_version('house', 'units') }}

)

select
    ---------- ids
    product_id,
    serial,
    customer_id,
    order_id,

    ---------- dates
    bought_on,
    registered_on,
    warranty_ends_on,
    last_serviced_on,
    next_service_due_on,
    retired_on,

    ---------- properties
    retired_how
from current_rows
