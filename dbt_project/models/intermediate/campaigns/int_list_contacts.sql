{{ config(post_hook="{{ analyze(['list_code', 'customer_id']) }}") }}

-- When somebody was last reached for a list.

select
    list_code,
    customer_id,
    max(sent_on) as last_contact_on,
    max(sent_at) as last_contact_at
from {{ ref('fct_campaign_contacts') }}
where outcome <> 'bounced'
group by list_code, customer_id
