{#- A quotient of decimals, rounded half away from zero; null, not zero, when b is zero.

    | a | b | scale | result |
    |---|---|-------|--------|
    | 7 | 2 | 2     | 3.50   |
    | 7 | 0 | 2     | null   |

    Both sides are typed, because a decimal without digits is a whole number on Spark, and because
    Spark gives a quotient the scale of a less that of b: two digits more than asked for here. So
    a has 28 − scale digits before the point, b eight behind it, and scale is at most 20. -#}
{% macro ratio(a, b, scale=6) -%}
    {{ return(adapter.dispatch('ratio', 'regulars')(a, b, scale)) }}
{%- endmacro %}

{% macro default__ratio(a, b, scale) -%}
    cast(
        round(
            cast({{ a }} as numeric(38, {{ scale + 10 }}))
            / nullif(cast({{ b }} as numeric(38, 8)), 0),
            {{ scale }}
        ) as numeric({{ scale + 12 }}, {{ scale }})
    )
{%- endmacro %}
