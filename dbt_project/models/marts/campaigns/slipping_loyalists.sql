-- Loyal customers whose present gap is longer than nearly all of their own should be.
{%- set share = list_threshold('slipping_loyalists', 'false_alarm_share') %}

-- Days as the season counts them: of a quiet month few, of a busy one many.
with clock as (

    select * from {{ ref('int_season_clock') }}

),

loyal as (

    select
        people.*,
        cast(round(1.0 * people.recency_days / people.frequency) as integer) as average_gap_days,
        tonight.is_measured as is_in_season,
        {{ days_counted('first_clock', 'people.first_purchase_on') }} as counted_first,
        {{ days_counted('last_clock', 'people.last_purchase_on') }} as counted_last,
        {{ days_counted('tonight', as_of()) }} as counted_tonight
    from {{ ref('int_customers_described') }} as people
    inner join clock as first_clock
        on {{ month_start('people.first_purchase_on') }} = first_clock.month
    inner join clock as last_clock
        on {{ month_start('people.last_purchase_on') }} = last_clock.month
    inner join clock as tonight
        on tonight.month = {{ month_start(as_of()) }}
    where
        people.is_valued
        and people.frequency >= {{ list_threshold('slipping_loyalists', 'fewest_gaps') }}

),

-- of exponential gaps, with n behind them that took s days together, one is longer than t with
-- probability (s / (s + t))^n
judged as (

    select
        loyal.*,
        cast(
            power(
                {{ ratio('counted_last - counted_first', 'counted_tonight - counted_first', 12) }},
                frequency
            ) as numeric(9, 6)
        ) as chance_of_gap
    from loyal

)

select
    judged.*,
    {{ share }} as false_alarm_share,
    -- cut and not rounded: of who is below the share it is said
    cast(floor(chance_of_gap * 100) / 100 as numeric(9, 2)) as whole_hundredths,
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
    'ask' as action_code
from judged
