-- Lost customers who are worth the price of asking them back.
{%- set worth_of_return = 'people.value_gone - ' ~ list_threshold('win_back', 'incentive') %}
{%- set expected_gain %}
cast(
    coalesce(measured.effect, {{ list_value('win_back', 'offer.assumed_effect') }})
    * ({{ worth_of_return }})
    - {{ unasked_incentive(
        "'win_back'", 'people.purchase_probability_12m', 'measured.measured_weight'
    ) }}
    - coalesce({{ contact_cost(list_value('win_back', 'channel')) }}, 0)
    as numeric(18, 6)
)
{%- endset %}

select
    people.*,
    people.frequency + 1 as purchase_days,
    {{ worth_of_return }} as worth_of_return,
    {{ expected_gain }} as expected_gain,
    cast(round(people.value_if_active_12m) as bigint) as value_active_whole,
    -- of whom a year would cost more than it brings, nothing
    cast(round(
        case when people.value_gone < 0 then 0 else people.value_gone end
    ) as bigint) as value_gone_whole,
    '{{ var("reporting_currency") }}' as currency,
    case
        when people.value_gone is null then 'unknown_value'
        when {{ expected_gain }} <= 0 then 'not_worth_it'
    end as ineligible_code,
    {{ expected_gain }} as score,
    people.value_if_active_12m as tie_break_value,
    {{ worth_of_return }} as value_at_stake,
    people.purchase_probability_12m as response_probability,
    'gone' as reason_1_code,
    'worth' as reason_2_code,
    'chance' as reason_3_code,
    'invite' as action_code
from {{ ref('int_customers_described') }} as people
left join {{ ref('list_effects') }} as measured
    on
        measured.list_code = 'win_back'
        and measured.stratum = 'all'
where people.lifecycle_status = 'lost'
