{#- The member under which rows without a known person are kept: as `customer_id` it is one for
    all, as `source_customer_id` there is one per order, so that each can be resolved alone. -#}
{% macro unknown_customer(order_id=none) -%}
    {%- if order_id is none -%}
        '(unknown)'
    {%- else -%}
        {{ regulars.concat_text(["'(unknown) '", order_id]) }}
    {%- endif -%}
{%- endmacro %}


{#- Under whom a refund stands while its sale is not known: one that names an order waits for that
    order, whoever it says it is from. -#}
{% macro unmatched_customer(refund) -%}
    coalesce(
        case when {{ refund }}.order_id is null then {{ refund }}.customer_id end,
        {{ regulars.unknown_customer('coalesce(' ~ refund ~ '.order_id, ' ~ refund ~ '.refund_id)') }}
    )
{%- endmacro %}
