{{ config(schema="pii") }}

-- A soft bounce reached nobody and forbids nothing.
{%- set kinds = {
    'send': 'sent',
    'delivery': 'delivered',
    'open': 'opened',
    'click': 'clicked',
    'bounce': 'bounced',
    'soft_bounce': 'sent',
    'mark_as_spam': 'complained',
    'unsubscribe': 'unsubscribed',
} %}

with delivered as (

    {% for feed, event in kinds.items() -%}
    select
        '{{ event }}' as event,
        of_kind.id,
        of_kind.external_user_id,
        of_kind.email_address,
        of_kind.time,
        of_kind.campaign_id,
        of_kind.campaign_name,
        of_kind.dispatch_id,
        of_kind._delivered_on,
        of_kind._delivery_id,
        of_kind._line
    from ({{ ever_delivered('braze', 'braze_email_' ~ feed) }}) as of_kind
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    id as event_id,
    coalesce(dispatch_id, campaign_id, 'none') as campaign_id,
    {{ list_of_campaign('campaign_name') }} as list_code,
    nullif(trim(both ' ' from external_user_id), '') as account_id,
    email_address as address,
    'email' as channel,
    event,
    {{ instant_of_epoch('time') }} as happened_at,
    _delivered_on as delivered_on,
    _delivery_id as delivery_id,
    _line as line
from delivered
