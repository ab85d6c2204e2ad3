{#- The instant of a local date or time without zone. The declared rule for the hour that
    happens twice: the second one, standard time. The hour that does not exist moves forward.

    | local               | zone             | result               |
    |---------------------|------------------|----------------------|
    | 2026-10-25 02:30:00 | Europe/Amsterdam | 2026-10-25T01:30:00Z |
    | 2026-03-29 02:30:00 | Europe/Amsterdam | 2026-03-29T01:30:00Z |
-#}
{% macro local_to_utc(local_time, zone=none) -%}
    {{ return(adapter.dispatch('local_to_utc', 'regulars')(
        local_time, zone or var('company_timezone')
    )) }}
{%- endmacro %}

{% macro default__local_to_utc(local_time, zone) -%}
    (cast({{ local_time }} as timestamp) at time zone '{{ zone }}')
{%- endmacro %}
