{#- What a unit of a currency was worth on a day: the latest rate up to that day, unless it is too old
    to be the day's. `days` is a step of the query with currency, in capitals, and on_day.

    | rate_on    | currency | rate | on_day     | result |
    |------------|----------|------|------------|--------|
    | 2026-01-30 | GBP      | 1.16 | 2026-02-01 | 1.16   |
    | 2026-01-02 | GBP      | 1.15 | 2026-01-30 |        |
-#}
{% macro rates_of_days(days) -%}
    select
        currency,
        on_day,
        rate
    from (
        select
            days.currency,
            days.on_day,
            rates.rate,
            row_number() over (
                partition by days.currency, days.on_day
                order by rates.rate_on desc nulls last, rates.rate asc nulls last
            ) as place
        from {{ days }} as days
        inner join ({{ regulars.union_systems('fx_rates') }}) as rates
            on
                days.currency = {{ regulars.upper_case('rates.currency') }}
                and days.on_day >= rates.rate_on
                and days.on_day
                <= {{ regulars.add_days('rates.rate_on', var('fx_rate_max_age_days')) }}
    ) as placed
    where place = 1
{%- endmacro %}
