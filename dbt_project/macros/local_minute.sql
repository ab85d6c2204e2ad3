{#- Minutes since midnight on the company's clock, 0 to 1439: the hands, not what has passed.

    | instant              | zone             | result |
    |----------------------|------------------|--------|
    | 2026-10-24T22:30:59Z | Europe/Amsterdam | 30     |
-#}
{% macro local_minute(instant) -%}
    {{ return(adapter.dispatch('local_minute', 'regulars')(instant, var('company_timezone'))) }}
{%- endmacro %}

{% macro default__local_minute(instant, zone) -%}
    cast(
        extract(hour from {{ instant }} at time zone '{{ zone }}') * 60
        + extract(minute from {{ instant }} at time zone '{{ zone }}')
        as integer
    )
{%- endmacro %}
