-- The last word of each customer per channel and purpose; silence is no consent.
with consents as (

    {{ union_systems('consents') }}

),

ranked as (

    select
        consents.*,
        row_number() over (
            partition by consents.customer_id, consents.channel, consents.purpose
            order by
                consents.changed_at desc nulls last,
                consents.is_granted asc nulls first
        ) as place
    from consents

)

select
    customer_id,
    channel,
    purpose,
    is_granted,
    changed_at
from ranked
where place = 1
