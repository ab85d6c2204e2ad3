{#- A date without its year, as text MM-DD: what a birthday list may know. -#}
{% macro month_day(day) -%}
    {{ return(adapter.dispatch('month_day', 'regulars')(day)) }}
{%- endmacro %}

{% macro default__month_day(day) -%}
    to_char({{ day }}, 'MM-DD')
{%- endmacro %}
