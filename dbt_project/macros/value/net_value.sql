{#- The formula of a customer's value, once: tonight's values and last night's, worked out again for
    the bridge between them, both come from here. Arguments are expressions.

    net value of 12 months = orders × margin of one − orders × service cost of one

    each rounded to cents, as the two stand in customer_lifetime_values. -#}
{% macro net_value(orders, margin_per_order, service_per_order) -%}
    {{ regulars.of_orders(orders, margin_per_order) }}
    - {{ regulars.of_orders(orders, service_per_order) }}
{%- endmacro %}

{#- What an order leaves: the margin on its goods, less shipping, fees and returns handling. -#}
{% macro margin_per_order(order_value, margin_rate, variable_cost) -%}
    ({{ order_value }} * {{ margin_rate }} - {{ variable_cost }})
{%- endmacro %}

{#- What the next order sells for: the model's mean, corrected by the factor of the frequency band;
    their own mean where the model has none; everybody's for who bought in currencies without a rate
    alone. -#}
{% macro expected_order_value(modelled, spend_factor, monetary_value, usual_value) -%}
    coalesce(
        cast({{ modelled }} * coalesce({{ spend_factor }}, 1) as numeric(18, 6)),
        {{ monetary_value }},
        {{ usual_value }}
    )
{%- endmacro %}

{#- Mean net sales of a purchase day of known value; null without one. -#}
{% macro monetary_value(net_sales, valued_purchase_days) -%}
    cast({{ regulars.ratio(net_sales, valued_purchase_days, 6) }} as numeric(18, 6))
{%- endmacro %}
