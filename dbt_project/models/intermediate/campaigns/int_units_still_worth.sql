{{ config(enabled="trade_in" in var("lists"), materialized="view") }}
{%- set end_days = list_threshold('trade_in', 'end_days') %}
{#- A completed year may take some of its value. -#}
{%- set years_owned = 'floor(' ~ months_between('purchased_on', as_of()) ~ ' / 12)' %}
{%- set drops_on =
    add_months('purchased_on', 'cast((' ~ years_owned ~ ' + 1) * 12 as integer)')
%}

-- Machines in use that would be taken back for money, and why their owners should be asked now.

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

)

select * from judged
