-- Who of the eligible gets which list, which arm and which place; each with a reason if none.
-- Order: one marketing list a household, then the hold-out, then capacity. A held person keeps
-- the list they are held on and never falls to a lower one.

with

eligible as (

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

in_turn as (

    select
        eligible.*,
        case
            when class = 'marketing'
                then row_number() over (
                    partition by class, household_id
                    order by
                        priority asc nulls last,
                        score desc nulls last,
                        {{ text_order('customer_id') }} asc nulls last,
                        {{ text_order('list_code') }} asc nulls last
                )
            else 1
        end as turn,
        min(case when class = 'marketing' then priority end) over (
            partition by class, household_id
        ) as first_priority
    from eligible

),

with_episodes as (

    select
        in_turn.*,
        last_episodes.closes_on > {{ as_of() }} as is_open_episode,
        last_episodes.episode_no as last_episode_no,
        last_episodes.entered_on as last_entered_on,
        last_episodes.closes_on as last_closes_on,
        last_episodes.stratum as last_stratum,
        last_episodes.arm as last_arm,
        coalesce(customer_values.value_tier, 'no history') as value_tier
    from in_turn
    left join last_episodes
        on
            in_turn.list_code = last_episodes.list_code
            and in_turn.household_id = last_episodes.household_id
    left join customer_values
        on in_turn.customer_id = customer_values.customer_id

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
            when numbered.class = 'service' then 'treat'
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

),

ranked as (

    select
        drawn.*,
        row_number() over (
            partition by list_code, turn = 1
            order by
                score desc nulls last,
                tie_break_value desc nulls last,
                {{ text_order('customer_id') }} asc nulls last
        ) as rank
    from drawn

),

-- Held people take no seat, but only those who would have got one are in the comparison.
seated as (

    select
        ranked.*,
        sum(case when arm = 'treat' then 1 else 0 end) over (
            partition by list_code, turn = 1
            order by rank asc nulls last
            rows between unbounded preceding and current row
        ) + case when arm = 'hold' then 1 else 0 end as seat
    from ranked

),

assigned as (

    select
        seated.*,
        case
            when turn > 1 then 'other_list'
            when seat > capacity then 'waiting_list'
        end as left_out_code,
        case
            when turn > 1 and priority > first_priority
                then 'is on a marketing list that comes first tonight'
            when turn > 1 then 'somebody else of the household is on the list'
            when seat > capacity
                then
                    'number ' || {{ text_of('seat - capacity') }}
                    || ' on the waiting list; ' || {{ text_of('capacity') }}
                    || ' a night'
        end as left_out_reason
    from seated

)

select * from assigned
