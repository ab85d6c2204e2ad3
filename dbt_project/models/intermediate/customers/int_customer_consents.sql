-- The standing word of each person per channel and purpose; silence is no consent. A no is taken
-- back only by a later yes of the same account: of two words at one instant the no wins, and so
-- does that of one account over the yes of another.
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

of_accounts as (

    select
        customer_id as account_id,
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

),

consents as (

    select
        coalesce(people.customer_id, of_accounts.account_id) as customer_id,
        of_accounts.channel,
        of_accounts.purpose,
        min(case when of_accounts.is_granted then 1 else 0 end) = 1 as is_granted,
        coalesce(
            max(case when not of_accounts.is_granted then of_accounts.changed_at end),
            max(of_accounts.changed_at)
        ) as changed_at
    from of_accounts
    left join {{ ref('int_account_people') }} as people
        on of_accounts.account_id = people.account_id
    group by
        coalesce(people.customer_id, of_accounts.account_id),
        of_accounts.channel,
        of_accounts.purpose

)

select * from consents
