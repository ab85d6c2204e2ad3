{#- The condition that keeps a view to the orders that this build writes: all where the facts are
    built anew. Said in the view, it is applied before windows and groups, not after them. -#}
{% macro of_orders_written_tonight(column='order_id') -%}
    {%- set touched = ref('int_touched_orders') -%}
    {%- if regulars.built_before('marts', 'fct_orders') -%}
    {{ column }} in (select touched.order_id from {{ touched }} as touched)
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}
