{{ config(materialized="view") }}

-- What a contact with each is expected to bring tonight: as measured where the list's effect is,
-- else as assumed, less what it costs, what its incentive costs with those who would have bought
-- without it, and what it wears out. The one place that says so: ranks,
-- ceilings, cards and the allocation read it.

with arms as (

    select * from {{ ref('int_list_arms') }}

),

effects as (

    select * from {{ ref('list_effects') }}

),

fatigue as (

    select * from {{ ref('int_contact_fatigue') }}

),

pressures as (

    select * from {{ ref('int_contact_pressure') }}

),

believed as (

    select
        arms.*,
        of_list.list_code is not null as is_effect_measured,
        cast(
            coalesce(of_stratum.effect, of_list.effect, arms.assumed_effect) as numeric(9, 6)
        ) as effect_share,
        cast(coalesce({{ contact_cost('arms.contact_channel') }}, 0) as numeric(14, 2))
            as contact_cost,
        cast(
            {{ unasked_incentive(
                'arms.list_code',
                'arms.response_probability',
                'coalesce(of_stratum.measured_weight, of_list.measured_weight)',
            ) }} as numeric(14, 6)
        ) as unasked_incentive,
        cast(fatigue.opt_out_share as numeric(9, 6)) as opt_out_share,
        cast(fatigue.contacts_a_year as numeric(9, 4)) as contacts_a_year
    from arms
    left join effects as of_list
        on
            arms.list_code = of_list.list_code
            and of_list.stratum = 'all'
    left join effects as of_stratum
        on
            arms.list_code = of_stratum.list_code
            and arms.stratum = of_stratum.stratum
    left join pressures on arms.customer_id = pressures.customer_id
    left join fatigue on coalesce(pressures.pressure, 0) = fatigue.pressure

),

effective as (

    select
        believed.*,
        cast(
            effect_share * case when value_at_stake > 0 then value_at_stake else 0 end
            as numeric(18, 6)
        ) as expected_effect
    from believed

),

averaged as (

    select
        effective.*,
        {{ ratio(
            "sum(case when class = 'marketing' then expected_effect - contact_cost"
            ~ ' - unasked_incentive end) over ()',
            "sum(case when class = 'marketing' then 1 end) over ()", 6
        ) }} as mean_gain
    from effective

),

-- Who opts out loses what a year of contacts would have brought, at tonight's average of marketing.
priced as (

    select
        averaged.*,
        cast(
            case
                when class <> 'marketing' then 0
                else opt_out_share * contacts_a_year * greatest(mean_gain, 0)
            end as numeric(18, 6)
        ) as fatigue_cost
    from averaged

),

gains as (

    select
        priced.*,
        cast(
            expected_effect - contact_cost - unasked_incentive - fatigue_cost as numeric(18, 6)
        ) as expected_gain
    from priced

),

ranked as (

    select
        gains.*,
        cast(
            case
                when
                    class = 'marketing' and is_effect_measured
                    and not {{ is_ranked_by_score('list_code') }}
                    then expected_gain
                else score
            end as numeric(18, 6)
        ) as rank_score
    from gains

)

select * from ranked
