{#- In an incremental run, the condition that keeps a query to the touched customers. -#}
{% macro only_touched_customers(column='customer_id') -%}
    {%- set touched = ref('int_touched_customers') -%}
    {%- if is_incremental() -%}
    {{ column }} in (select touched.source_customer_id from {{ touched }} as touched)
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}
