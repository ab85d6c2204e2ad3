with current_rows as (

    {{ current_version('house', 'cases') }}

)

select
    ---------- ids
    case_id,
    customer_id,
    order_id,
    product_id,
    serial,

    ---------- properties
    kind,
    reason,
    reopened_count,
    promised_reply_minutes,
    agent_minutes,
    goodwill_cost,

    ---------- times
    opened_at,
    first_reply_at,
    resolved_at
from current_rows
