-- The standing word of each person per channel and purpose; silence is no consent. A no is taken
-- back only by a later yes of the same account: of two words at one instant the no wins, and so
-- does that of one account over the yes of another. A system may say each word under a reference of
-- its own.
with last_words as (

    select
        customer_id,
        channel,
        purpose,
        max(yes_at) as yes_at,
        max(no_at) as no_at,
        max(case when has_undated_no then 1 else 0 end) = 1 as has_undated_no
    from {{ ref('int_last_words') }}
    where kind = 'consent'
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

people as (

    select
        account_id,
        customer_id
    from {{ ref('int_account_people') }}

),

-- Few people have several accounts: only their words are compared.
of_several as (

    select
        account_id,
        customer_id
    from people
    union
    select
        customer_id as account_id,
        customer_id
    from people

),

of_one as (

    select
        of_accounts.account_id as customer_id,
        of_accounts.channel,
        of_accounts.purpose,
        of_accounts.is_granted,
        of_accounts.changed_at
    from of_accounts
    left join of_several on of_accounts.account_id = of_several.account_id
    where of_several.account_id is null

),

compared as (

    select
        of_several.customer_id,
        of_accounts.channel,
        of_accounts.purpose,
        min(case when of_accounts.is_granted then 1 else 0 end) = 1 as is_granted,
        coalesce(
            max(case when not of_accounts.is_granted then of_accounts.changed_at end),
            max(of_accounts.changed_at)
        ) as changed_at
    from of_accounts
    inner join of_several on of_accounts.account_id = of_several.account_id
    group by of_several.customer_id, of_accounts.channel, of_accounts.purpose

)

select * from of_one
union all
select * from compared
