{#- What so many orders bring or cost, in money of two digits: orders × amount of one order. -#}
{% macro of_orders(orders, per_order) -%}
    cast({{ orders }} * {{ per_order }} as numeric(14, 2))
{%- endmacro %}
