{#- In an incremental run, the condition that keeps a query to the touched units. -#}
{% macro only_touched_units() -%}
    {%- set touched = ref('int_touched_units') -%}
    {%- if is_incremental() -%}
    {{ regulars.unit_id('product_id', 'serial') }}
    in (select touched.unit_id from {{ touched }} as touched)
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}
