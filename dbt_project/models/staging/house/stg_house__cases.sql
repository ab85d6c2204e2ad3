with current_rows as (

    {{ current_version('house', 'cases') }}

),

askers as (

    {{ last_known('house', 'cases', 'customer_id', 'current_rows') }}

)

select
    ---------- ids
    current_rows.case_id,
    coalesce(current_rows.customer_id, askers.customer_id) as customer_id,
    current_rows.order_id,
    current_rows.product_id,
    current_rows.serial,
    current_rows.merged_into_case_id,

    ---------- properties
    current_rows.kind,
    current_rows.reason,
    current_rows.team,
    current_rows.reopened_count,
    current_rows.promised_reply_minutes,
    current_rows.agent_minutes,
    current_rows.goodwill_cost,

    ---------- times
    current_rows.opened_at,
    current_rows.first_reply_at,
    current_rows.answered_by_phone_at,
    current_rows.resolved_at,
    current_rows.merged_at,
    current_rows.promised_callback_at,
    current_rows.called_back_at,
    current_rows.promised_repair_at
from current_rows
left join askers on current_rows.case_id = askers.case_id
