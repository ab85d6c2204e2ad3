with current_rows as (

    {{ current_version('house', 'campaign_contacts') }}

)

select
    contact_id,
    list_code,
    customer_id,
    channel,
    sent_at,
    outcome
from current_rows
