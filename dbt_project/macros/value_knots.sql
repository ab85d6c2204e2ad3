{#- Shares of costs in margin on goods plus costs at which the scores hold quantiles of value:
    those of regulars.clv.value_distribution. -#}
{% macro value_knots() -%}
    {{ return([0, 0.22, 0.36, 0.46, 0.5, 0.535, 0.57, 0.6, 0.75, 1]) }}
{%- endmacro %}
