{#- ISO day of the week: 1 Monday to 7 Sunday, whatever the engine starts with. -#}
{% macro weekday(day) -%}
    {{ return(adapter.dispatch('weekday', 'regulars')(day)) }}
{%- endmacro %}

{% macro default__weekday(day) -%}
    cast(extract(isodow from {{ day }}) as integer)
{%- endmacro %}
