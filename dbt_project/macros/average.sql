{#- The mean of a column as a decimal of the given scale; engines differ in what avg() of
    integers returns, so it is cast first. -#}
{% macro average(expression, scale=6) -%}
    {{ return(adapter.dispatch('average', 'regulars')(expression, scale)) }}
{%- endmacro %}

{% macro default__average(expression, scale) -%}
    round(avg(cast({{ expression }} as numeric)), {{ scale }})
{%- endmacro %}

{% macro spark__average(expression, scale) -%}
    round(avg(cast({{ expression }} as decimal(38, 10))), {{ scale }})
{%- endmacro %}
