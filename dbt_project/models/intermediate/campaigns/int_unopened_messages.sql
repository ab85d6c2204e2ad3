{{ config(enabled="rest" in var("lists"), materialized="view") }}
{%- set unopened_messages = list_threshold('rest', 'unopened_messages') %}

-- The e-mails that each person was sent lately, and how many of the last they did not open. Whether
-- a message was opened is known of e-mails that were delivered, by what was done with them; a
-- letter or a call tells nobody.

with messages as (

    select
        customer_id,
        sent_on,
        outcome,
        row_number() over (
            partition by customer_id
            order by sent_at desc nulls last, {{ text_order('contact_id') }} desc nulls last
        ) as place
    from {{ ref('fct_campaign_contacts') }}
    where
        channel = 'email'
        and outcome not in ('bounced', 'sent')
        and {{ days_between('sent_on', as_of()) }} < {{ list_threshold('rest', 'look_back_days') }}

)

select
    customer_id,
    count(*) as messages,
    max(sent_on) as last_sent_on,
    sum(case
        when place <= {{ unopened_messages }} and outcome = 'delivered' then 1
        else 0
    end) as unopened
from messages
group by customer_id
