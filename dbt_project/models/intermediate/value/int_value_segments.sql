{{ config(post_hook="{{ analyze() }}") }}

-- What a country's customers leave and cost, as far as it is credible; the rest is the company's.
-- Costs are per purchase day, so that who leaves stops buying and stops costing at once. Who
-- bought in currencies without a rate alone has no margin of their own, and no weight with it.
with measured as (

    select * from {{ ref('int_customer_value_inputs') }}

),

company as (

    select
        {{ margin_rate('sum(goods_margin)', 'sum(net_sales)', 10) }} as margin_rate,
        {{ ratio('sum(variable_costs)', 'sum(valued_purchase_days)', 10) }} as variable_cost,
        {{ ratio('sum(ordinary_cost)', 'sum(purchase_days)', 10) }} as ordinary_cost,
        {{ ratio('sum(failure_cost)', 'sum(purchase_days)', 10) }} as failure_cost,
        {{ average(monetary_value('net_sales', 'valued_purchase_days')) }} as usual_order_value
    from measured

),

segment_sums as (

    select
        segment,
        sum(purchase_days) as purchase_days,
        sum(valued_purchase_days) as valued_purchase_days,
        sum(net_sales) as net_sales,
        sum(goods_margin) as goods_margin,
        sum(variable_costs) as variable_costs,
        sum(ordinary_cost) as ordinary_cost
    from measured
    group by segment
    having sum(purchase_days) > 0

),

{%- set few = var('segment_credibility_purchases') %}

final as (

    select
        segment_sums.segment,
        {{ credible(
            own='coalesce('
            ~ margin_rate('segment_sums.goods_margin', 'segment_sums.net_sales', 14) ~ ', 0)',
            weight='cast(segment_sums.valued_purchase_days as integer)',
            prior='company.margin_rate',
            credibility=few,
            scale=10,
        ) }} as margin_rate,
        {{ credible_of_total(
            total='segment_sums.variable_costs',
            weight='segment_sums.valued_purchase_days',
            prior='company.variable_cost',
            credibility=few,
            scale=10,
        ) }} as variable_cost,
        {{ credible_of_total(
            total='segment_sums.ordinary_cost',
            weight='segment_sums.purchase_days',
            prior='company.ordinary_cost',
            credibility=few,
            scale=10,
        ) }} as ordinary_cost,
        company.failure_cost,
        company.usual_order_value
    from segment_sums
    cross join company

)

select * from final
