{{ config(materialized="view") }}

-- The arm of everybody eligible, by household, list and episode: an open episode keeps its own, and
-- the household it was drawn for; a new one draws it by a keyed hash. Whom several open episodes
-- meet in, merged or moved in, is held if one of them is. Only marketing lists hold anybody out.

with eligible as (

    select
        eligibility.list_code,
        eligibility.customer_id,
        eligibility.household_id,
        eligibility.contact_channel,
        eligibility.score,
        eligibility.tie_break_value,
        eligibility.value_at_stake,
        eligibility.response_probability,
        definitions.list_version,
        definitions.class,
        definitions.channel,
        definitions.priority,
        definitions.outcome_window_days,
        definitions.refunds_settle_days,
        definitions.valid_days,
        definitions.capacity,
        definitions.offer_share,
        definitions.assumed_effect,
        definitions.offer_at_least,
        rules.global_holdout_share,
        rules.smallest_offer
    from {{ ref('int_list_eligibility') }} as eligibility
    inner join {{ ref('list_definitions') }} as definitions
        on eligibility.list_code = definitions.list_code
    cross join {{ ref('campaign_rules') }} as rules
    where eligibility.exclusion_code is null

),

learning as (

    select * from {{ ref('list_learning') }}

),

customer_values as (

    select * from {{ ref('customer_lifetime_values') }}

),

holdout_key as (

    select key from {{ source('decisions', 'holdout_key') }}

),

customers as (

    select
        customer_id,
        household_id
    from {{ ref('dim_customers') }}

),

-- the newest word on each episode
logged_episodes as (

    select
        list_code,
        household_id,
        episode_no,
        entered_on,
        closes_on,
        stratum,
        arm,
        drawn_share,
        row_number() over (
            partition by list_code, household_id, episode_no
            order by as_of desc nulls last, {{ text_order('customer_id') }} asc nulls last
        ) as place
    from {{ source('decisions', 'effective_episodes') }}
    where as_of < {{ as_of() }}

),

last_numbers as (

    select
        list_code,
        household_id,
        max(episode_no) as episode_no
    from logged_episodes
    group by list_code, household_id

),

open_episodes as (

    select * from logged_episodes
    where
        place = 1
        and closes_on > {{ as_of() }}

),

episode_people as (

    {{ episode_people() }}

),

where_they_live as (

    select
        list_code,
        household_id,
        episode_no,
        household_id as household_id_tonight
    from open_episodes
    union
    select
        episode_people.list_code,
        episode_people.household_id,
        episode_people.episode_no,
        customers.household_id as household_id_tonight
    from episode_people
    inner join customers on episode_people.customer_id = customers.customer_id

),

meeting as (

    select
        open_episodes.*,
        where_they_live.household_id_tonight,
        row_number() over (
            partition by open_episodes.list_code, where_they_live.household_id_tonight
            order by
                case open_episodes.arm when 'hold' then 0 else 1 end asc nulls last,
                open_episodes.entered_on desc nulls last,
                {{ text_order('open_episodes.household_id') }} asc nulls last,
                open_episodes.episode_no desc nulls last
        ) as place_tonight
    from open_episodes
    inner join where_they_live
        on
            open_episodes.list_code = where_they_live.list_code
            and open_episodes.household_id = where_they_live.household_id
            and open_episodes.episode_no = where_they_live.episode_no

),

with_episodes as (

    select
        eligible.*,
        coalesce(meeting.household_id, eligible.household_id) as episode_household_id,
        meeting.household_id is not null as is_open_episode,
        coalesce(meeting.episode_no, last_numbers.episode_no) as last_episode_no,
        meeting.entered_on as last_entered_on,
        meeting.closes_on as last_closes_on,
        meeting.stratum as last_stratum,
        meeting.arm as last_arm,
        meeting.drawn_share as last_drawn_share,
        learning.holdout_share as share_tonight,
        coalesce(customer_values.value_tier, 'no history') as value_tier
    from eligible
    left join meeting
        on
            eligible.list_code = meeting.list_code
            and eligible.household_id = meeting.household_id_tonight
            and meeting.place_tonight = 1
    left join last_numbers
        on
            eligible.list_code = last_numbers.list_code
            and eligible.household_id = last_numbers.household_id
    left join customer_values
        on eligible.customer_id = customer_values.customer_id
    left join learning
        on eligible.list_code = learning.list_code

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
        end as stratum,
        cast(
            case
                when is_open_episode then last_drawn_share
                else share_tonight
            end
            as numeric(6, 4)
        ) as drawn_share
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
                < numbered.share_tonight
                then 'hold'
            else 'treat'
        end as arm
    from numbered
    cross join holdout_key

)

select
    ---------- who, for which list
    list_code,
    customer_id,
    household_id,
    contact_channel,
    score,
    tie_break_value,
    value_at_stake,
    response_probability,

    ---------- the list
    list_version,
    class,
    channel,
    priority,
    valid_days,
    capacity,
    offer_share,
    assumed_effect,
    offer_at_least,
    smallest_offer,

    ---------- the episode
    episode_household_id,
    episode_no,
    entered_on,
    closes_on,
    stratum,
    drawn_share,
    arm
from drawn
