-- Loyal customers whose present gap is longer than nearly all of their own should be.
{%- set share = list_threshold('slipping_loyalists', 'false_alarm_share') %}
{#- Days as the season counts them: of a quiet month few, of a busy one many. -#}
{%- set first = '(' ~ days_counted('first_clock', 'people.first_purchase_on') ~ ')' %}
{%- set last = '(' ~ days_counted('last_clock', 'people.last_purchase_on') ~ ')' %}
{%- set now = '(' ~ days_counted('tonight', as_of()) ~ ')' %}
{#- Of exponential gaps, with n behind them that took s days together, one is longer than t with
    probability (s / (s + t))^n. -#}
{%- set chance_of_gap %}
cast(
    power({{ ratio(last ~ ' - ' ~ first, now ~ ' - ' ~ first, 12) }}, people.frequency)
    as numeric(9, 6)
)
{%- endset %}

select
    people.*,
    cast(round(1.0 * people.recency_days / people.frequency) as integer) as average_gap_days,
    {{ chance_of_gap }} as chance_of_gap,
    {{ share }} as false_alarm_share,
    -- cut and not rounded: of who is below the share it is said
    cast(floor({{ chance_of_gap }} * 100) / 100 as numeric(9, 2)) as whole_hundredths,
    case
        when people.lifecycle_status = 'lost' then 'lost'
        when {{ chance_of_gap }} >= {{ share }} then 'within_rhythm'
    end as ineligible_code,
    people.value_at_risk as score,
    people.value_if_active_12m as tie_break_value,
    people.value_at_risk as value_at_stake,
    people.purchase_probability_12m as response_probability,
    'late' as reason_1_code,
    case when tonight.is_measured then 'by_chance_in_season' else 'by_chance' end as reason_2_code,
    'loyal' as reason_3_code,
    'ask' as action_code
from {{ ref('int_customers_described') }} as people
inner join {{ ref('int_season_clock') }} as first_clock
    on {{ month_start('people.first_purchase_on') }} = first_clock.month
inner join {{ ref('int_season_clock') }} as last_clock
    on {{ month_start('people.last_purchase_on') }} = last_clock.month
inner join {{ ref('int_season_clock') }} as tonight
    on tonight.month = {{ month_start(as_of()) }}
where
    people.is_valued
    and people.frequency >= {{ list_threshold('slipping_loyalists', 'fewest_gaps') }}
