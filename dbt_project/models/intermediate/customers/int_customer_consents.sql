-- The standing word of each customer per channel and purpose; silence is no consent. A no is taken
-- back only by a later yes: of two words at one instant the no wins.
with events as (

    select * from {{ ref('int_permission_events') }}
    where kind = 'consent'

),

last_words as (

    select
        customer_id,
        channel,
        purpose,
        max(case when not is_no then happened_at end) as yes_at,
        max(case when is_no then happened_at end) as no_at,
        max(case when is_no and happened_at is null then 1 else 0 end) = 1 as has_undated_no
    from events
    group by customer_id, channel, purpose

),

consents as (

    select
        customer_id,
        channel,
        purpose,
        yes_at is not null
        and not has_undated_no
        and (no_at is null or no_at < yes_at) as is_granted,
        case
            when no_at is null or yes_at > no_at then yes_at
            else no_at
        end as changed_at
    from last_words

)

select * from consents
