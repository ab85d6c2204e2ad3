{#- The type of an instant: dbt's own type_timestamp is a time without zone on PostgreSQL. -#}
{% macro type_instant() -%}
    {{ return(adapter.dispatch('type_instant', 'regulars')()) }}
{%- endmacro %}

{% macro default__type_instant() -%}
    timestamptz
{%- endmacro %}
