{#- In an incremental run, the condition that keeps a query to the touched customers. -#}
{% macro only_touched(column) -%}
    {%- if is_incremental() -%}
    {{ column }} in (
        select touched.source_customer_id from {{ ref('int_touched_customers') }} as touched
    )
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}
