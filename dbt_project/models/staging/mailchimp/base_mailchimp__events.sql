{{ config(schema="pii") }}

-- A soft bounce reached nobody and forbids nothing. Who was sent to, and when, the campaign says.

with campaigns as (

    {{ current_version('mailchimp', 'mailchimp_campaigns') }}

),

sent_to as (

    {{ ever_delivered('mailchimp', 'mailchimp_sent_to') }}

),

activity as (

    {{ ever_delivered('mailchimp', 'mailchimp_email_activity') }}

),

unsubscribed as (

    {{ ever_delivered('mailchimp', 'mailchimp_unsubscribed') }}

),

abuse_reports as (

    {{ ever_delivered('mailchimp', 'mailchimp_abuse_reports') }}

),

unioned as (

    select
        'sent_to' as feed,
        campaign_id,
        email_address,
        case status when 'hard' then 'bounced' else 'sent' end as event,
        cast(null as {{ type_instant() }}) as happened_at,
        _delivered_on,
        _delivery_id,
        _line
    from sent_to

    union all

    select
        'activity' as feed,
        campaign_id,
        email_address,
        case
            when action = 'open' then 'opened'
            when action = 'click' then 'clicked'
            when coalesce(lower(type), '') <> 'soft' then 'bounced'
            else 'sent'
        end as event,
        happened_at,
        _delivered_on,
        _delivery_id,
        _line
    from activity

    union all

    select
        'unsubscribed' as feed,
        campaign_id,
        email_address,
        'unsubscribed' as event,
        happened_at,
        _delivered_on,
        _delivery_id,
        _line
    from unsubscribed

    union all

    select
        'abuse' as feed,
        campaign_id,
        email_address,
        'complained' as event,
        happened_at,
        _delivered_on,
        _delivery_id,
        _line
    from abuse_reports

)

select
    unioned.feed || '-' || {{ text_of('unioned._delivery_id') }}
    || '-' || {{ text_of('unioned._line') }} as event_id,
    unioned.campaign_id,
    {{ list_of_campaign('campaigns.title') }} as list_code,
    cast(null as {{ dbt.type_string() }}) as account_id,
    unioned.email_address as address,
    'email' as channel,
    unioned.event,
    coalesce(unioned.happened_at, campaigns.send_time) as happened_at,
    unioned._delivered_on as delivered_on,
    unioned._delivery_id as delivery_id,
    unioned._line as line
from unioned
left join campaigns on unioned.campaign_id = campaigns.id
