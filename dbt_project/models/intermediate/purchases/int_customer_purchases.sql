{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('customer_id') }}",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

-- In the order of their groups, which is how fct_orders was written: summing customer after
-- customer is cheaper than keeping decimal sums of all of them in memory.
with orders as (

    select *
    from {{ ref('fct_orders') }}
    where
        is_accounted_for
        and {{ only_touched_customers('source_customer_id') }}
    order by customer_id asc nulls last

),

summed as (

    select
        customer_id,
        cast(count(order_seq) as integer) as orders_count,
        {{ counted_purchases() }},
        min(case when purchase_day_seq = 2 then ordered_on end) as second_purchase_on,
        -- An order that came back, or replaced one, leaves only its costs.
        sum(
            case
                when is_qualifying
                    then shipping_cost + payment_fee + returns_handling_cost + points_cost
                when is_held then 0
                else -contribution_margin
            end
        ) as variable_costs,
        coalesce(sum(case when is_qualifying then contribution_margin end), 0)
            as contribution_margin,
        sum(case when is_held then 0 else contribution_margin end) as historic_margin,
        max(case when refunded_amount > 0 and net_sales <= 0 then 1 else 0 end) = 1
            as has_returned_order
    from orders
    group by customer_id

),

gaps as (

    select
        customer_id,
        {{ median('days_since_previous_purchase') }} as median_gap_days
    from {{ ref('fct_orders') }}
    where
        days_since_previous_purchase is not null
        and {{ only_touched_customers('source_customer_id') }}
    group by customer_id
    having count(*) >= 2

),

final as (

    select
        summed.*,
        gaps.median_gap_days
    from summed
    left join gaps on summed.customer_id = gaps.customer_id

)

select * from final
