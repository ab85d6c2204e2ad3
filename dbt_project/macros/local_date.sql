{#- The calendar date an instant has on the company's clock (or another zone's).

    | instant              | zone             | result     |
    |----------------------|------------------|------------|
    | 2026-10-24T22:30:00Z | Europe/Amsterdam | 2026-10-25 |
    | 2026-10-25T22:30:00Z | Europe/Amsterdam | 2026-10-25 |
-#}
{% macro local_date(instant, zone=none) -%}
    {{ return(adapter.dispatch('local_date', 'regulars')(
        instant, zone or var('company_timezone')
    )) }}
{%- endmacro %}

{% macro default__local_date(instant, zone) -%}
    cast({{ instant }} at time zone '{{ zone }}' as date)
{%- endmacro %}
