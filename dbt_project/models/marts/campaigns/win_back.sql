-- Lost customers who are worth the price of asking them back.

with lost as (

    select
        people.*,
        frequency + 1 as purchase_days,
        cast(
            {{ list_threshold('win_back', 'reactivated_share') }} * (
                value_gone - {{ list_threshold('win_back', 'incentive') }}
            ) - {{ list_threshold('win_back', 'contact_cost') }}
            as numeric(18, 6)
        ) as expected_gain
    from {{ ref('int_customers_described') }} as people
    where lifecycle_status = 'lost'

)

select
    lost.*,
    cast(round(value_if_active_12m) as bigint) as value_active_whole,
    cast(round(value_gone) as bigint) as value_gone_whole,
    '{{ var("reporting_currency") }}' as currency,
    case
        when value_gone is null then 'unknown_value'
        when expected_gain <= 0 then 'not_worth_it'
    end as ineligible_code,
    expected_gain as score,
    value_if_active_12m as tie_break_value,
    expected_gain as value_at_stake,
    purchase_probability_12m as response_probability,
    'gone' as reason_1_code,
    'worth' as reason_2_code,
    'chance' as reason_3_code,
    'invite' as action_code
from lost
