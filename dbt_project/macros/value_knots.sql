{#- Shares of costs in margin on goods plus costs at which the scores hold quantiles of value:
    those of regulars.clv.value_law. -#}
{% macro value_knots() -%}
    {{ return([0, 0.2, 0.32, 0.42, 0.5, 0.6, 0.75, 1]) }}
{%- endmacro %}
