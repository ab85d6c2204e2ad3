-- Loyal customers whose present gap is longer than nearly all of their own should be.
{%- set share = list_threshold('slipping_loyalists', 'false_alarm_share') %}

-- Days as the season counts them: of a quiet month few, of a busy one many.
with clock as (

    select * from {{ ref('int_season_clock') }}

),

loyal as (

    select
        summaries.customer_id,
        summaries.frequency,
        summaries.recency_days,
        {{ days_between('summaries.last_purchase_on', as_of()) }} as days_since_last,
        cast(round(1.0 * summaries.recency_days / summaries.frequency) as integer)
            as average_gap_days,
        tonight.is_measured as is_in_season,
        last_clock.days_before
        + {{ days_between('last_clock.month', 'summaries.last_purchase_on') }}
        * last_clock.season_index
        - first_clock.days_before
        - {{ days_between('first_clock.month', 'summaries.first_purchase_on') }}
        * first_clock.season_index as counted_recency,
        tonight.days_before
        + {{ days_between('tonight.month', as_of()) }} * tonight.season_index
        - last_clock.days_before
        - {{ days_between('last_clock.month', 'summaries.last_purchase_on') }}
        * last_clock.season_index as counted_gap,
        customer_values.lifecycle_status,
        customer_values.value_at_risk,
        customer_values.value_if_active_12m,
        customer_values.purchase_probability_12m
    from {{ ref('customer_purchase_summaries') }} as summaries
    inner join {{ ref('customer_lifetime_values') }} as customer_values
        on summaries.customer_id = customer_values.customer_id
    inner join clock as first_clock
        on {{ month_start('summaries.first_purchase_on') }} = first_clock.month
    inner join clock as last_clock
        on {{ month_start('summaries.last_purchase_on') }} = last_clock.month
    inner join clock as tonight
        on tonight.month = {{ month_start(as_of()) }}
    where summaries.frequency >= {{ list_threshold('slipping_loyalists', 'fewest_gaps') }}

),

-- of exponential gaps, with n behind them that took s days together, one is longer than t with
-- probability (s / (s + t))^n
judged as (

    select
        loyal.*,
        cast(
            power(
                {{ ratio('counted_recency', 'counted_recency + counted_gap', 12) }}, frequency
            ) as numeric(9, 6)
        ) as chance_of_gap
    from loyal

),

candidates as (

    select
        customer_id,
        case
            when lifecycle_status = 'lost' then 'lost'
            when chance_of_gap >= {{ share }} then 'within_rhythm'
        end as ineligible_code,
        value_at_risk as score,
        value_if_active_12m as tie_break_value,
        value_at_risk as value_at_stake,
        purchase_probability_12m as response_probability,
        'late' as reason_1_code,
        case when is_in_season then 'by_chance_in_season' else 'by_chance' end as reason_2_code,
        'loyal' as reason_3_code,
        'ask' as action_code,
        average_gap_days,
        chance_of_gap,

        ---------- facts of the sentences
        days_since_last,
        frequency,
        recency_days,
        purchase_probability_12m,
        {{ share }} as false_alarm_share
    from judged

)

select * from candidates
