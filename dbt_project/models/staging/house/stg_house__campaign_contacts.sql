with current_rows as (

    {{ current_version('house', 'campaign_contacts') }}

)

select
    contact_id,
    list_code,
    customer_id,
    channel,
    sent_at,
    outcome,
    _delivered_on as delivered_on,
    _delivery_id as delivery_id,
    _line as line
from current_rows
