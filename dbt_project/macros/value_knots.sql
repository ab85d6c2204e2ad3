{#- Shares of costs in margin on goods plus costs at which the scores hold quantiles of value, as
    written in SQL: those of regulars/value_knots.py. -#}
{% macro value_knots() -%}
    {%- set knots = [] -%}
    {%- for knot in (var('value_knots') if execute else [0, 1]) -%}
        {%- do knots.append('%g' | format(knot)) -%}
    {%- endfor -%}
    {{ return(knots) }}
{%- endmacro %}
