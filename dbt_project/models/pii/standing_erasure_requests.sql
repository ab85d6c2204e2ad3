{{ config(post_hook="{{ analyze() }}") }}

-- Requests to be erased that nobody has taken back, as the night knows them.
with standing as (

    select distinct customer_id
    from {{ ref('int_standing_noes') }}
    where kind = 'erasure'

),

requests as (

    select
        events.reference as request_id,
        events.customer_id,
        max(events.delivered_on) as delivered_on
    from {{ ref('int_permission_events') }} as events
    inner join standing on events.customer_id = standing.customer_id
    where
        events.kind = 'erasure'
        and events.is_no
        and events.reference is not null
    group by
        events.reference,
        events.customer_id

)

select * from requests
