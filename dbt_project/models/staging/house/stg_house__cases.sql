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
    merged_into_case_id,

    ---------- properties
    kind,
    reason,
    team,
    reopened_count,
    promised_reply_minutes,
    agent_minutes,
    goodwill_cost,

    ---------- times
    opened_at,
    first_reply_at,
    answered_by_phone_at,
    resolved_at,
    merged_at
from current_rows
