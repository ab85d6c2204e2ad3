{#- What moves a value from one night to the next, in the order in which it is worked out: columns
    `value_<part>` of int_customer_value_steps, `<part>_amount` of customer_value_changes. -#}
{% macro bridge_parts() -%}
    {{ return([
        'time',
        'corrections',
        'purchases',
        'service',
        'averages',
        'model',
        'assumptions',
    ]) }}
{%- endmacro %}
