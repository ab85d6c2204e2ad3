{#- The first of the date's month, a date. As a timestamp, because PostgreSQL would otherwise ask
    the session's time zone of every date, which takes twice as long. -#}
{% macro month_start(day) -%}
    cast(date_trunc('month', cast({{ day }} as timestamp)) as date)
{%- endmacro %}
