-- What a purchase day leaves and what serving it costs, per customer: own experience weighs by
-- how many purchase days there are, the rest comes from the country.
with inputs as (

    select * from {{ ref('int_customer_value_inputs') }}
    where purchase_days > 0

),

segments as (

    select * from {{ ref('int_value_segments') }}

),

final as (

    select
        inputs.customer_id,
        {{ own_margin_rate(
            goods_margin='inputs.goods_margin',
            net_sales='inputs.net_sales',
            valued_purchase_days='inputs.valued_purchase_days',
            prior='segments.margin_rate',
            credibility=var('margin_rate_credibility'),
        ) }} as margin_rate,
        {{ own_variable_cost('segments.variable_cost') }} as variable_cost_per_order,
        {{ own_service_cost(
            ordinary_cost='inputs.ordinary_cost',
            purchase_days='inputs.purchase_days',
            prior='segments.ordinary_cost',
            failure_cost='segments.failure_cost',
            credibility=var('service_credibility_purchases'),
        ) }} as service_cost_per_order,
        segments.usual_order_value
    from inputs
    inner join segments on inputs.segment = segments.segment

)

select * from final
