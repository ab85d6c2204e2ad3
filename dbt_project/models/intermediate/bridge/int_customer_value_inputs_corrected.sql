{{ config(post_hook="{{ analyze() }}") }}

-- A purchase is new when its day is later than the last one that was counted last night. All else
-- that has changed since, a refund, a late file, another cost, corrects what was counted already.
with bought_since as (

    select
        before.customer_id,
        before.last_purchase_on as counted_until
    from {{ ref('int_customer_value_inputs_before') }} as before
    inner join {{ ref('int_customer_value_inputs') }} as tonight
        on before.customer_id = tonight.customer_id
    where tonight.last_purchase_on > before.last_purchase_on

),

orders as (

    select
        orders.customer_id,
        orders.ordered_on,
        orders.order_seq,
        orders.purchase_day_seq,
        orders.is_qualifying,
        orders.net_sales,
        orders.cost_of_goods
    from {{ ref('fct_orders') }} as orders
    inner join bought_since
        on
            orders.customer_id = bought_since.customer_id
            and orders.ordered_on <= bought_since.counted_until

),

counted as (

    select
        customer_id,
        {{ counted_purchases() }}
    from orders
    group by customer_id

),

final as (

    select
        bought_since.customer_id,
        counted.first_purchase_on,
        counted.last_purchase_on,
        coalesce(counted.purchase_days, 0) as purchase_days,
        coalesce(counted.valued_purchase_days, 0) as valued_purchase_days,
        cast(coalesce(counted.net_sales, 0) as numeric(20, 6)) as net_sales,
        cast(coalesce(counted.net_sales - counted.cost_of_goods, 0) as numeric(20, 6))
            as goods_margin
    from bought_since
    left join counted on bought_since.customer_id = counted.customer_id

)

select * from final
