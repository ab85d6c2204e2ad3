{#- Before an incremental insert, in its transaction: away with everything of the customers that
    will be written anew. -#}
{% macro delete_touched(column='source_customer_id') -%}
    {%- set touched = ref('int_touched_customers') -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where {{ column }} in (select touched.source_customer_id from {{ touched }} as touched)
    {%- endif -%}
{%- endmacro %}
