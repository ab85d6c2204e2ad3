{#- Before an incremental insert, in its transaction: away with everything of the customers, or the
    units, that will be written anew. -#}
{% macro delete_touched(column='source_customer_id', touched='int_touched_customers') -%}
    {%- set touched_now = ref(touched) -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where
        {{ column }}
        in (select touched.{{ regulars.touched_key(touched) }} from {{ touched_now }} as touched)
    {%- endif -%}
{%- endmacro %}
