-- An experience has so many days to happen in: people who came later are left out.
with customers as (

    select
        customer_id,
        frequency,
        recency_days,
        customer_age_days
    from {{ ref('customer_purchase_summaries') }}
    where
        customer_age_days >= {{ var('first_order_served_days') }}
        and {{ is_sampled('customer_id') }}

),

served as (

    select * from {{ ref('int_first_orders_served') }}

),

first_orders as (

    select
        customer_id,
        channel
    from {{ ref('fct_orders') }}
    where order_seq = 1

),

final as (

    select
        customers.frequency,
        customers.recency_days,
        customers.customer_age_days,
        case when served.customer_id is null then 0 else 1 end as has_case,
        coalesce(served.is_bad, 0) as is_bad,
        first_orders.channel,
        count(*) as customers
    from customers
    left join served on customers.customer_id = served.customer_id
    left join first_orders on customers.customer_id = first_orders.customer_id
    group by
        customers.frequency,
        customers.recency_days,
        customers.customer_age_days,
        case when served.customer_id is null then 0 else 1 end,
        coalesce(served.is_bad, 0),
        first_orders.channel

)

select * from final
