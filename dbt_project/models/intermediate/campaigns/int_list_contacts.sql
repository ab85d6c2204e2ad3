{{ config(post_hook="{{ analyze() }}") }}

-- When somebody was last reached for a list.

select
    list_code,
    customer_id,
    max(sent_on) as last_contact_on
from {{ ref('fct_campaign_contacts') }}
where outcome <> 'bounced'
group by list_code, customer_id
