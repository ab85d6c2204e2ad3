{#- Margin on goods per net sales; null without sales. Something dear that was sold for a cent has a
    rate of -1,000: more would say no more, and not fit. -#}
{% macro margin_rate(goods_margin, net_sales, scale) -%}
    {%- set sales -%}
        case
            when {{ net_sales }} > 0
                then greatest({{ net_sales }}, abs({{ goods_margin }}) * 0.001)
            else {{ net_sales }}
        end
    {%- endset -%}
    {{ return(regulars.ratio(goods_margin, sales, scale)) }}
{%- endmacro %}

{#- A customer's margin on goods per net sales, own experience weighed against their country's. -#}
{% macro own_margin_rate(goods_margin, net_sales, valued_purchase_days, prior, credibility) -%}
    cast({{ regulars.credible(
        own='coalesce(' ~ regulars.margin_rate(goods_margin, net_sales, 14) ~ ', 0)',
        weight=valued_purchase_days,
        prior=prior,
        credibility=credibility,
    ) }} as numeric(10, 6))
{%- endmacro %}

{#- Shipping, fees and returns of an order: the country's, for dear returns may be our own fault. -#}
{% macro own_variable_cost(prior) -%}
    cast(round({{ prior }}, 6) as numeric(18, 6))
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
        ) as numeric(18, 6)
    )
{%- endmacro %}
