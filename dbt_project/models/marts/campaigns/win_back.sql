-- Lost customers who are worth the price of asking them back.
{%- set share = list_threshold('win_back', 'reactivated_share') %}

with lost as (

    select
        customer_values.customer_id,
        customer_values.value_gone,
        customer_values.purchase_probability_12m,
        customer_values.value_if_active_12m,
        cast(
            {{ share }} * (
                customer_values.value_gone - {{ list_threshold('win_back', 'incentive') }}
            ) - {{ list_threshold('win_back', 'contact_cost') }}
            as numeric(18, 6)
        ) as expected_gain,
        summaries.frequency + 1 as purchase_days,
        {{ days_between('summaries.last_purchase_on', as_of()) }} as days_since_last
    from {{ ref('customer_lifetime_values') }} as customer_values
    inner join {{ ref('customer_purchase_summaries') }} as summaries
        on customer_values.customer_id = summaries.customer_id
    where customer_values.lifecycle_status = 'lost'

),

candidates as (

    select
        customer_id,
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
        'invite' as action_code,
        expected_gain,

        ---------- facts of the sentences
        days_since_last,
        purchase_days,
        purchase_probability_12m,
        cast(round(value_if_active_12m) as integer) as value_active_whole,
        cast(round(value_gone) as integer) as value_gone_whole,
        '{{ var("reporting_currency") }}' as currency
    from lost

)

select * from candidates
