{#- The median of whole numbers, exact to one half, as an aggregate. -#}
{% macro median(expression) -%}
    {{ return(adapter.dispatch('median', 'regulars')(expression)) }}
{%- endmacro %}

{% macro default__median(expression) -%}
    cast(
        percentile_cont(0.5) within group (order by {{ expression }} asc nulls last)
        as numeric(10, 1)
    )
{%- endmacro %}
