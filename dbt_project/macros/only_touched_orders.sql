{#- In an incremental run, the condition that keeps a query to the orders of touched customers. -#}
{% macro only_touched_orders(column='order_id') -%}
    {%- set touched = ref('int_touched_orders') -%}
    {%- if is_incremental() -%}
    {{ column }} in (select touched.order_id from {{ touched }} as touched)
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}
