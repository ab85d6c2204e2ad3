{#- Completed minutes between two instants, an integer; calendar minutes, not business ones. -#}
{% macro minutes_between(earlier, later) -%}
    {{ return(adapter.dispatch('minutes_between', 'regulars')(earlier, later)) }}
{%- endmacro %}

{% macro default__minutes_between(earlier, later) -%}
    cast(floor(extract(epoch from ({{ later }}) - ({{ earlier }})) / 60) as integer)
{%- endmacro %}
