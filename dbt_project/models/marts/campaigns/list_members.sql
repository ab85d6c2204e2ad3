{{ config(materialized="table", post_hook="{{ analyze(['customer_id']) }}") }}

with assigned as (

    select
        assignments.*,
        cast(
            greatest(
                offer_share * greatest(expected_effect, 0),
                offer_at_least
            ) as numeric(14, 2)
        ) as highest_offer
    from {{ ref('int_list_assignments') }} as assignments
    where left_out_code is null

),

candidates as (

    select * from {{ ref('int_list_candidates') }}

),

previous as (

    select * from {{ ref('int_previous_list_members') }}

),

members as (

    select
        assigned.list_code,
        assigned.list_version,
        {{ as_of() }} as as_of,
        assigned.customer_id,
        assigned.household_id,
        assigned.episode_household_id,
        assigned.class,
        cast(assigned.rank as integer) as rank,
        assigned.rank_score as score,
        assigned.value_at_stake,
        assigned.effect_share,
        assigned.is_effect_measured,
        assigned.expected_effect,
        assigned.expected_gain,
        assigned.response_probability,
        candidates.reason_1,
        candidates.reason_2,
        candidates.reason_3,
        candidates.suggested_action,
        cast(
            case
                when assigned.highest_offer >= assigned.smallest_offer then assigned.highest_offer
                else 0
            end
            as numeric(14, 2)
        ) as offer_ceiling,
        assigned.arm,
        cast(assigned.episode_no as integer) as episode_no,
        assigned.entered_on,
        assigned.closes_on,
        assigned.stratum,
        assigned.drawn_share,
        case
            when previous.customer_id is null then 'entered'
            else 'stayed'
        end as movement,
        {{ add_days(as_of(), 'assigned.valid_days') }} as valid_until,
        candidates.details
    from assigned
    inner join candidates
        on
            assigned.list_code = candidates.list_code
            and assigned.customer_id = candidates.customer_id
    left join previous
        on
            assigned.list_code = previous.list_code
            and assigned.customer_id = previous.customer_id

)

select * from members
