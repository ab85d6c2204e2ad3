{#- A date so many calendar months later; the last of the month where the day does not exist.

    | day        | number | result     |
    |------------|--------|------------|
    | 2026-01-31 | 1      | 2026-02-28 |
-#}
{% macro add_months(day, number) -%}
    {{ return(adapter.dispatch('add_months', 'regulars')(day, number)) }}
{%- endmacro %}

{% macro default__add_months(day, number) -%}
    cast(({{ day }}) + ({{ number }}) * interval '1 month' as date)
{%- endmacro %}
