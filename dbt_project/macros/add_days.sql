{#- A date so many days later (earlier when negative). -#}
{% macro add_days(day, number) -%}
    {{ return(adapter.dispatch('add_days', 'regulars')(day, number)) }}
{%- endmacro %}

{% macro default__add_days(day, number) -%}
    cast(({{ day }}) + cast({{ number }} as integer) as date)
{%- endmacro %}
