{#- The member under which rows without a known person are kept: as `customer_id` it is one for
    all, as `source_customer_id` there is one per order, so that each can be resolved alone. -#}
{% macro unknown_customer(order_id=none) -%}
    {%- if order_id is none -%}
        '(unknown)'
    {%- else -%}
        {{ concat_text(["'(unknown) '", order_id]) }}
    {%- endif -%}
{%- endmacro %}
