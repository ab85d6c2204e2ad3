{#- An instant so many minutes later. -#}
{% macro add_minutes(instant, number) -%}
    {{ return(adapter.dispatch('add_minutes', 'regulars')(instant, number)) }}
{%- endmacro %}

{% macro default__add_minutes(instant, number) -%}
    ({{ instant }}) + ({{ number }}) * interval '1 minute'
{%- endmacro %}
