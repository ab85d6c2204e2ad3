{{ config(
    post_hook="{{ analyze(['customer_id', 'segment', 'purchase_days', 'last_purchase_on']) }}",
) }}

-- Those whose only order came back are here too: their costs are the company's.
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

final as (

    select
        purchases.customer_id,
        cast(customers.segment as {{ dbt.type_string() }}) as segment,

        ---------- purchases
        purchases.first_purchase_on,
        purchases.last_purchase_on,
        purchases.purchase_days,
        purchases.valued_purchase_days,

        ---------- money
        cast(purchases.net_sales as numeric(20, 6)) as net_sales,
        cast(purchases.net_sales - purchases.cost_of_goods as numeric(20, 6)) as goods_margin,
        cast(coalesce(service.ordinary_cost, 0) as numeric(20, 6)) as ordinary_cost,
        cast(purchases.variable_costs as numeric(20, 6)) as variable_costs,
        cast(coalesce(service.failure_cost, 0) as numeric(20, 6)) as failure_cost
    from purchases
    inner join customers on purchases.customer_id = customers.customer_id
    left join service on purchases.customer_id = service.customer_id

)

select * from final
