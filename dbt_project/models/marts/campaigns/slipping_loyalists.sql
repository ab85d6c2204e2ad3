-- Loyal customers whose present gap is longer than nearly all of their own should be.
{%- set share = list_threshold('slipping_loyalists', 'false_alarm_share') %}

with loyal as (

    select
        summaries.customer_id,
        summaries.frequency,
        summaries.recency_days,
        {{ days_between('summaries.last_purchase_on', as_of()) }} as days_since_last,
        cast(round(1.0 * summaries.recency_days / summaries.frequency) as integer)
            as average_gap_days,
        -- of exponential gaps, with n behind them that took s days together, one is longer than t
        -- with probability (s / (s + t))^n, which is the share at this t
        cast(ceil(cast(
            summaries.recency_days * (power(1 / {{ share }}, 1.0 / summaries.frequency) - 1)
            as numeric(12, 3)
        )) as integer) as longest_usual_days,
        customer_values.lifecycle_status,
        customer_values.value_at_risk,
        customer_values.value_if_active_12m,
        customer_values.purchase_probability_12m
    from {{ ref('customer_purchase_summaries') }} as summaries
    inner join {{ ref('customer_lifetime_values') }} as customer_values
        on summaries.customer_id = customer_values.customer_id
    where summaries.frequency >= {{ list_threshold('slipping_loyalists', 'fewest_gaps') }}

),

candidates as (

    select
        customer_id,
        case
            when lifecycle_status = 'lost' then 'lost'
            when days_since_last <= longest_usual_days then 'within_rhythm'
        end as ineligible_code,
        value_at_risk as score,
        value_if_active_12m as tie_break_value,
        value_at_risk as value_at_stake,
        purchase_probability_12m as response_probability,
        'late' as reason_1_code,
        'by_chance' as reason_2_code,
        'loyal' as reason_3_code,
        'ask' as action_code,
        average_gap_days,
        longest_usual_days,

        ---------- facts of the sentences
        days_since_last,
        frequency,
        recency_days,
        purchase_probability_12m,
        {{ share }} as false_alarm_share
    from loyal

)

select * from candidates
