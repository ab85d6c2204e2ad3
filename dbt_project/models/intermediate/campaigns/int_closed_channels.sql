{{ config(post_hook="{{ analyze() }}") }}

-- Channels that are closed to a person for good: the address bounced, or they opted out there.

with contacts as (

    select * from {{ ref('fct_campaign_contacts') }}
    where outcome in ('bounced', 'unsubscribed', 'complained')

),

closed_channels as (

    select
        customer_id,
        channel,
        max(case when outcome = 'bounced' then 1 else 0 end) = 1 as has_bounced,
        max(case when outcome in ('unsubscribed', 'complained') then 1 else 0 end)
        = 1 as has_opted_out
    from contacts
    group by customer_id, channel

)

select * from closed_channels
