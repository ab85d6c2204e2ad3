-- Owners of a machine that is still worth something: near its end, or about to be worth less.
{%- set end_days = list_threshold('trade_in', 'end_days') %}
{#- A completed year may take some of its value. -#}
{%- set years_owned = 'floor(' ~ months_between('purchased_on', as_of()) ~ ' / 12)' %}
{%- set drops_on =
    add_months('purchased_on', 'cast((' ~ years_owned ~ ' + 1) * 12 as integer)')
%}

with dated as (

    select
        units.*,
        cast(
            trade_in_value * {{ list_threshold('trade_in', 'resale_margin') }} as numeric(14, 2)
        ) as resale_margin,
        {{ years_owned }} as years_owned,
        {{ days_between(as_of(), 'expected_end_of_life_on') }} as days_until_end,
        {{ days_between(as_of(), drops_on) }} as days_until_drop
    from {{ ref('int_units_owned') }} as units
    where trade_in_value > 0

),

judged as (

    select
        dated.*,
        case
            when days_until_end < 0 and is_life_measured then 'past_its_end'
            when days_until_end < 0 then 'past_its_declared_end'
            when days_until_end <= {{ end_days }} and is_life_measured then 'near_its_end'
            when days_until_end <= {{ end_days }} then 'near_its_declared_end'
            when
                years_owned >= 1
                and falls_with_next_year
                and days_until_drop <= {{ list_threshold('trade_in', 'drop_days') }}
                then 'falls_soon'
        end as why_now
    from dated

),

best_first as (

    select
        judged.*,
        row_number() over (
            partition by customer_id
            order by
                case when why_now is null then 1 else 0 end asc,
                trade_in_value desc nulls last,
                {{ text_order('unit_id') }} asc nulls last
        ) as place
    from judged

)

select
    units.*,
    contacts.last_contact_on as offered_on,
    cast(round(units.trade_in_value) as bigint) as trade_in_whole,
    '{{ var("reporting_currency") }}' as currency,
    case
        when units.why_now is null then 'not_yet'
        when {{ contacted_within_gap('trade_in', 'contacts.last_contact_on') }} then 'offered'
    end as ineligible_code,
    units.resale_margin + coalesce(people.order_margin, 0) as score,
    units.trade_in_value as tie_break_value,
    units.resale_margin + people.order_margin as value_at_stake,
    people.purchase_probability_12m as response_probability,
    coalesce(units.why_now, 'still_good') as reason_1_code,
    'worth' as reason_2_code,
    case when units.repairs > 0 then 'repaired' end as reason_3_code,
    'offer' as action_code
from best_first as units
left join {{ last_contacts('trade_in') }} as contacts
    on units.customer_id = contacts.customer_id
left join {{ ref('int_customers_described') }} as people
    on units.customer_id = people.customer_id
where units.place = 1
