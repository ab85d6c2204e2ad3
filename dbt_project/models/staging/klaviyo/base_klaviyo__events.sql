{{ config(schema="pii") }}

-- A soft bounce, and what Klaviyo itself dropped, reached nobody and forbids nothing.

with delivered as (

    {{ ever_delivered('klaviyo', 'klaviyo_events') }}

)

select
    id as event_id,
    coalesce(message, campaign_name, 'none') as campaign_id,
    {{ list_of_campaign('campaign_name') }} as list_code,
    nullif(trim(both ' ' from external_id), '') as account_id,
    email as address,
    'email' as channel,
    case
        when metric = 'Opened Email' then 'opened'
        when metric = 'Clicked Email' then 'clicked'
        when metric = 'Bounced Email' and coalesce(lower(bounce_type), '') <> 'soft' then 'bounced'
        when metric = 'Marked Email as Spam' then 'complained'
        when metric like 'Unsubscribed%' then 'unsubscribed'
        when metric = 'Received Email' then 'delivered'
        else 'sent'
    end as event,
    datetime as happened_at,
    _delivered_on as delivered_on,
    _delivery_id as delivery_id,
    _line as line
from delivered
