{#- Columns that add up a customer's rows of fct_orders into purchases, for a query grouped by
    customer. -#}
{% macro counted_purchases() -%}
    cast(coalesce(max(purchase_day_seq), 0) as integer) as purchase_days,
    cast(count(distinct case when is_qualifying then ordered_on end) as integer)
        as valued_purchase_days,
    min(case when order_seq is not null then ordered_on end) as first_purchase_on,
    max(case when order_seq is not null then ordered_on end) as last_purchase_on,
    coalesce(sum(case when is_qualifying then net_sales end), 0) as net_sales,
    coalesce(sum(case when is_qualifying then cost_of_goods end), 0) as cost_of_goods
{%- endmacro %}
