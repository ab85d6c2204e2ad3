{#- A quotient of decimals, rounded half away from zero; null, not zero, when b is zero.

    | a | b | scale | result |
    |---|---|-------|--------|
    | 7 | 2 | 2     | 3.50   |
    | 7 | 0 | 2     | null   |
-#}
{% macro ratio(a, b, scale=6) -%}
    {{ return(adapter.dispatch('ratio', 'regulars')(a, b, scale)) }}
{%- endmacro %}

{% macro default__ratio(a, b, scale) -%}
    round(cast({{ a }} as numeric) / nullif({{ b }}, 0), {{ scale }})
{%- endmacro %}

{% macro spark__ratio(a, b, scale) -%}
    round(cast({{ a }} as decimal(38, 10)) / nullif({{ b }}, 0), {{ scale }})
{%- endmacro %}
