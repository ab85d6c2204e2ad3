{%- set levels = {'p10': 'p90', 'p50': 'p50', 'p90': 'p10'} %}
{%- set last = value_knots() | length - 1 %}

-- Quantiles of a customer's year: those of the history, scaled by what an order of theirs brings
-- on goods and costs besides. Wide, or DuckDB keeps the products to 18 digits.
with scored as (

    select
        customer_id,
        frequency,
        recency_days,
        customer_age_days,
        purchase_probability_12m,
        cast(expected_order_value as numeric(24, 6)) as expected_order_value,
        cast(expected_order_value as numeric(24, 6)) * margin_rate as goods_margin,
        cast(variable_cost_per_order + service_per_order as numeric(24, 6)) as cost
    from {{ ref('int_customers_scored') }}

),

quantiles as (

    select * from {{ source('scores', 'history_values') }}
    where as_of = {{ as_of() }}

),

shared as {{ computed_once() }} (

    select
        scored.*,
        case
            when goods_margin > 0 and cost >= 0
                then {{ ratio('cost', 'goods_margin + cost', 10) }}
        end as cost_share
    from scored

),

-- Narrow, and worked out before the quantiles are joined: they are four dozen columns.
placed as {{ computed_once() }} (

    select
        shared.*,
        {{ knot_above('cost_share') }} as knot,
        {{ way_to_knot('cost_share') }} as way
    from shared

),

-- Where an order loses on goods already (or costs bring money in), margin and costs move together:
-- their quantiles add up, and a margin below zero swaps them. That is the widest the range can be.
ranged as (

    select
        placed.*,
        {%- for level in levels %}
        quantiles.given_purchase_{{ level }}_knot_0,
        quantiles.orders_given_purchase_{{ level }},
        {%- endfor %}
        quantiles.unconditional_p90_knot_0,
        quantiles.orders_p90,
        {%- for level, mirrored in levels.items() %}
        case
            when placed.cost_share is not null
                then
                    (placed.goods_margin + placed.cost)
                    * ({{ on_knots(
                        'quantiles.given_purchase_' ~ level, 'placed.knot', 'placed.way'
                    ) }})
            else
                placed.goods_margin
                * case
                    when placed.goods_margin > 0 then quantiles.given_purchase_{{ level }}_knot_0
                    else quantiles.given_purchase_{{ mirrored }}_knot_0
                end
                + placed.cost
                * case
                    when placed.cost >= 0 then quantiles.given_purchase_{{ level }}_knot_{{ last }}
                    else quantiles.given_purchase_{{ mirrored }}_knot_{{ last }}
                end
        end as value_given_purchase_{{ level }},
        {%- endfor %}
        case
            when placed.cost_share is not null
                then
                    (placed.goods_margin + placed.cost)
                    * ({{ on_knots('quantiles.unconditional_p90', 'placed.knot', 'placed.way') }})
            when placed.goods_margin > 0
                then
                    placed.goods_margin * quantiles.unconditional_p90_knot_0
                    - placed.cost * quantiles.orders_p90
        end as signed_p90
    from placed
    inner join quantiles
        on {{ same_history('placed', 'quantiles') }}

),

final as (

    select
        customer_id,
        {%- for level in levels %}
        cast(value_given_purchase_{{ level }} as numeric(14, 2))
            as value_given_purchase_{{ level }},
        {%- endfor %}
        -- Most who may not buy are worth nothing; only who surely buys can lose money at the top.
        -- It is at most the buyers' own or zero, which a line between knots might pass by cents.
        cast(
            least(
                case
                    when purchase_probability_12m <= 0.9
                        then greatest(coalesce(signed_p90, 0), 0)
                    else coalesce(signed_p90, least(value_given_purchase_p90, 0))
                end,
                greatest(value_given_purchase_p90, 0)
            ) as numeric(14, 2)
        ) as value_p90,
        {%- for level in levels %}
        cast(expected_order_value * given_purchase_{{ level }}_knot_0 as numeric(14, 2))
            as net_sales_given_purchase_{{ level }},
        {%- endfor %}
        cast(
            expected_order_value * greatest(unconditional_p90_knot_0, 0)
            as numeric(14, 2)
        ) as net_sales_p90,
        {%- for level in levels %}
        orders_given_purchase_{{ level }},
        {%- endfor %}
        orders_p90,
        case
            when goods_margin <= 0 then 'loses_on_goods'
            when cost_share > 0.6 then 'costly'
        end as note_code
    from ranged

)

select * from final
