{#- A customer's margin on goods per net sales, own experience weighed against their country's. -#}
{% macro own_margin_rate(goods_margin, net_sales, valued_purchase_days, prior, credibility) -%}
    cast({{ regulars.credible(
        own='coalesce(' ~ regulars.ratio(goods_margin, net_sales, 14) ~ ', 0)',
        weight=valued_purchase_days,
        prior=prior,
        credibility=credibility,
    ) }} as numeric(10, 6))
{%- endmacro %}

{#- Shipping, fees and returns of an order: the country's, for dear returns may be our own fault. -#}
{% macro own_variable_cost(prior) -%}
    cast(round({{ prior }}, 6) as numeric(14, 6))
{%- endmacro %}

{#- Service cost of an order. Our own failures cost everybody the same: they never move one customer
    down. -#}
{% macro own_service_cost(ordinary_cost, purchase_days, prior, failure_cost, credibility) -%}
    cast(
        round(
            {{ regulars.credible_of_total(
                total=ordinary_cost,
                weight=purchase_days,
                prior=prior,
                credibility=credibility,
                scale=10,
            ) }}
            + {{ failure_cost }},
            6
        ) as numeric(14, 6)
    )
{%- endmacro %}
