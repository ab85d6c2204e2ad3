{#- The first of the date's calendar quarter, a date. -#}
{% macro quarter_start(day) -%}
    cast(date_trunc('quarter', {{ day }}) as date)
{%- endmacro %}
