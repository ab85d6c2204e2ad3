-- Lost customers who are worth the price of asking them back.

with measured as (

    select
        effect,
        measured_weight
    from {{ ref('list_effects') }}
    where
        list_code = 'win_back'
        and stratum = 'all'

),

lost as (

    select
        people.*,
        frequency + 1 as purchase_days,
        value_gone - {{ list_threshold('win_back', 'incentive') }} as worth_of_return
    from {{ ref('int_customers_described') }} as people
    where lifecycle_status = 'lost'

),

asked as (

    select
        lost.*,
        cast(
            coalesce(measured.effect, {{ list_value('win_back', 'offer.assumed_effect') }})
            * lost.worth_of_return
            - {{ unasked_incentive(
                "'win_back'", 'lost.purchase_probability_12m', 'measured.measured_weight'
            ) }}
            - coalesce({{ contact_cost(list_value('win_back', 'channel')) }}, 0)
            as numeric(18, 6)
        ) as expected_gain
    from lost
    left join measured on true

)

select
    asked.*,
    cast(round(value_if_active_12m) as bigint) as value_active_whole,
    cast(round(value_gone) as bigint) as value_gone_whole,
    '{{ var("reporting_currency") }}' as currency,
    case
        when value_gone is null then 'unknown_value'
        when expected_gain <= 0 then 'not_worth_it'
    end as ineligible_code,
    expected_gain as score,
    value_if_active_12m as tie_break_value,
    worth_of_return as value_at_stake,
    purchase_probability_12m as response_probability,
    'gone' as reason_1_code,
    'worth' as reason_2_code,
    'chance' as reason_3_code,
    'invite' as action_code
from asked
