{#- Whole seconds since midnight on the company's clock, 0 to 86399: the hands, not what has passed.

    | instant              | zone             | result |
    |----------------------|------------------|--------|
    | 2026-10-24T22:30:59Z | Europe/Amsterdam | 1859   |
-#}
{% macro local_second(instant) -%}
    {{ return(adapter.dispatch('local_second', 'regulars')(instant, var('company_timezone'))) }}
{%- endmacro %}

{% macro default__local_second(instant, zone) -%}
    cast(
        extract(hour from {{ instant }} at time zone '{{ zone }}') * 3600
        + extract(minute from {{ instant }} at time zone '{{ zone }}') * 60
        + floor(extract(second from {{ instant }} at time zone '{{ zone }}'))
        as integer
    )
{%- endmacro %}
