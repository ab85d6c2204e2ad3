-- What a purchase day leaves and what serving it costs, per customer: own experience weighs by
-- how many purchase days there are, the rest comes from the country, and there from the company.
-- Who bought in currencies without a rate alone has no margin of their own, and no weight with it.
-- Costs are per purchase day, so that who leaves stops buying and stops costing at once.
with purchases as (

    select * from {{ ref('int_customer_purchases') }}

),

customers as (

    select
        customer_id,
        coalesce(country, '') as segment
    from {{ ref('dim_customers') }}

),

service as (

    select
        customer_id,
        sum(case when is_own_failure then 0 else service_cost end) as ordinary_cost,
        sum(case when is_own_failure then service_cost else 0 end) as failure_cost
    from {{ ref('fct_service_cases') }}
    group by customer_id

),

-- Those whose only order came back are counted too: their costs are the company's.
measured as (

    select
        purchases.customer_id,
        customers.segment,
        purchases.purchase_days,
        purchases.valued_purchase_days,
        purchases.net_sales,
        purchases.net_sales - purchases.cost_of_goods as goods_margin,
        purchases.variable_costs,
        coalesce(service.ordinary_cost, 0) as ordinary_cost,
        coalesce(service.failure_cost, 0) as failure_cost
    from purchases
    inner join customers on purchases.customer_id = customers.customer_id
    left join service on purchases.customer_id = service.customer_id

),

company as (

    select
        {{ ratio('sum(goods_margin)', 'sum(net_sales)', 10) }} as margin_rate,
        {{ ratio('sum(variable_costs)', 'sum(valued_purchase_days)', 10) }} as variable_cost,
        {{ ratio('sum(ordinary_cost)', 'sum(purchase_days)', 10) }} as ordinary_cost,
        {{ ratio('sum(failure_cost)', 'sum(purchase_days)', 10) }} as failure_cost
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

segments as (

    select
        segment_sums.segment,
        {{ credible(
            own='coalesce('
            ~ ratio('segment_sums.goods_margin', 'segment_sums.net_sales', 14) ~ ', 0)',
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
        company.failure_cost
    from segment_sums
    cross join company

),

final as (

    select
        measured.customer_id,
        cast({{ credible(
            own='coalesce('
            ~ ratio('measured.goods_margin', 'measured.net_sales', 14) ~ ', 0)',
            weight='measured.valued_purchase_days',
            prior='segments.margin_rate',
            credibility=var('margin_rate_credibility'),
        ) }} as numeric(10, 6)) as margin_rate,
        -- By segment only: dear returns may be our own fault.
        cast(round(segments.variable_cost, 6) as numeric(14, 6)) as variable_cost_per_order,
        -- Our own failures cost everybody the same: they never move one customer down.
        cast(
            round(
                {{ credible_of_total(
                    total='measured.ordinary_cost',
                    weight='measured.purchase_days',
                    prior='segments.ordinary_cost',
                    credibility=var('service_credibility_purchases'),
                    scale=10,
                ) }}
                + segments.failure_cost,
                6
            ) as numeric(14, 6)
        ) as service_cost_per_order
    from measured
    inner join segments on measured.segment = segments.segment
    where measured.purchase_days > 0

)

select * from final
