{#- Whole days from one date to another, an integer.

    | earlier    | later      | result |
    |------------|------------|--------|
    | 2026-02-27 | 2026-03-01 | 2      |
-#}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between', 'regulars')(earlier, later)) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    (({{ later }}) - ({{ earlier }}))
{%- endmacro %}
