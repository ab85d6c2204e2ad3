{#- In an incremental run, the condition that keeps a query to the touched customers. -#}
{% macro only_touched_customers(column='customer_id', touched='int_touched_customers') -%}
    {%- set touched_now = ref(touched) -%}
    {%- if is_incremental() -%}
    {{ column }} in (
        select touched.{{ regulars.touched_key(touched) }} from {{ touched_now }} as touched
    )
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}
