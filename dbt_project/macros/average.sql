{#- The mean of a column as a decimal of the given scale; null for no rows. Engines differ in
    what avg() returns, so it is the ratio of a sum and a count. -#}
{% macro average(expression, scale=6) -%}
    {{ regulars.ratio('sum(' ~ expression ~ ')', 'count(' ~ expression ~ ')', scale) }}
{%- endmacro %}
