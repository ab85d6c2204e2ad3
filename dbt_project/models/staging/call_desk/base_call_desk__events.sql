{{ config(schema="pii") }}

-- A number that is somebody else's is as dead as an address that bounces.

with delivered as (

    {{ ever_delivered('call_desk', 'call_dispositions') }}

)

select
    {{ text_of('_delivery_id') }} || '-' || {{ text_of('_line') }} as event_id,
    list_code || '-' || {{ text_of(local_date('called_at')) }} as campaign_id,
    {{ list_of_campaign('list_code') }} as list_code,
    nullif(trim(both ' ' from customer_id), '') as account_id,
    phone_e164 as address,
    'phone' as channel,
    case
        when disposition in ('reached', 'call_back', 'not_interested') then 'opened'
        when disposition = 'interested' then 'clicked'
        when disposition = 'voicemail' then 'delivered'
        when disposition = 'wrong_number' then 'bounced'
        when disposition = 'do_not_call' then 'unsubscribed'
        when disposition = 'complaint' then 'complained'
        else 'sent'
    end as event,
    called_at as happened_at,
    _delivered_on as delivered_on,
    _delivery_id as delivery_id,
    _line as line
from delivered
