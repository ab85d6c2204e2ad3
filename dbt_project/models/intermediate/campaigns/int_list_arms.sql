-- The arm of everybody eligible, by household, list and episode: an open episode keeps its own,
-- a new one draws it by a keyed hash. Only marketing lists hold anybody out.

with eligible as (

    select * from {{ ref('int_list_eligibility') }}
    where exclusion_code is null

),

customer_values as (

    select * from {{ ref('customer_lifetime_values') }}

),

holdout_key as (

    select key from {{ source('decisions', 'holdout_key') }}

),

-- the newest word on the newest episode of each household and list
logged_episodes as (

    select
        list_code,
        household_id,
        episode_no,
        entered_on,
        closes_on,
        stratum,
        arm,
        row_number() over (
            partition by list_code, household_id
            order by episode_no desc nulls last, as_of desc nulls last
        ) as place
    from {{ source('decisions', 'effective_episodes') }}
    where as_of < {{ as_of() }}

),

last_episodes as (

    select * from logged_episodes
    where place = 1

),

with_episodes as (

    select
        eligible.*,
        last_episodes.closes_on > {{ as_of() }} as is_open_episode,
        last_episodes.episode_no as last_episode_no,
        last_episodes.entered_on as last_entered_on,
        last_episodes.closes_on as last_closes_on,
        last_episodes.stratum as last_stratum,
        last_episodes.arm as last_arm,
        coalesce(customer_values.value_tier, 'no history') as value_tier
    from eligible
    left join last_episodes
        on
            eligible.list_code = last_episodes.list_code
            and eligible.household_id = last_episodes.household_id
    left join customer_values
        on eligible.customer_id = customer_values.customer_id

),

numbered as (

    select
        with_episodes.*,
        case
            when is_open_episode then last_episode_no
            else coalesce(last_episode_no, 0) + 1
        end as episode_no,
        case
            when is_open_episode then last_entered_on
            else {{ as_of() }}
        end as entered_on,
        case
            when is_open_episode then last_closes_on
            else {{ add_days(as_of(), 'outcome_window_days + refunds_settle_days') }}
        end as closes_on,
        case
            when is_open_episode then last_stratum
            else value_tier
        end as stratum
    from with_episodes

),

drawn as (

    select
        numbered.*,
        case
            when numbered.class <> 'marketing' then 'treat'
            when numbered.is_open_episode then numbered.last_arm
            when
                {{ keyed_share('holdout_key.key', [
                    'numbered.household_id', "'global'",
                ]) }}
                < numbered.global_holdout_share
                then 'hold'
            when
                {{ keyed_share('holdout_key.key', [
                    'numbered.household_id', 'numbered.list_code',
                    text_of('numbered.episode_no'),
                ]) }}
                < numbered.holdout_share
                then 'hold'
            else 'treat'
        end as arm
    from numbered
    cross join holdout_key

)

select * from drawn
