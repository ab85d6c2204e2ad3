{#- The column by which a table of what is written anew names it. -#}
{% macro touched_key(touched) -%}
    {{ return({
        'int_touched_customers': 'source_customer_id',
        'int_touched_units': 'unit_id',
    }.get(touched, 'customer_id')) }}
{%- endmacro %}
