{#- The condition that joins a customer, or a purchase history, to what was scored for it. -#}
{% macro same_history(one, other) -%}
    {%- for column in ['frequency', 'recency_days', 'customer_age_days'] %}
    {{ 'and ' if not loop.first }}{{ one }}.{{ column }} = {{ other }}.{{ column }}
    {%- endfor %}
{%- endmacro %}
