{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('customer_id') }}",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

-- What lists ask of somebody's orders and purchases that depends on no date: each night would read
-- all orders of everybody for it.
with orders as (

    select * from {{ ref('fct_orders') }}
    where
        customer_id <> {{ unknown_customer() }}
        and {{ only_touched_customers('source_customer_id') }}
    order by customer_id asc nulls last

),

purchases as (

    select
        customer_id,
        last_purchase_on,
        second_purchase_on,
        nullif(purchase_days, 0) as purchase_days,
        median_gap_days
    from {{ ref('int_customer_purchases') }}
    where {{ only_touched_customers() }}

),

dated as (

    select
        orders.*,
        orders.is_accounted_for
        and orders.ordered_on > {{ add_months('purchases.last_purchase_on', -24) }}
        and orders.ordered_on <= purchases.last_purchase_on as is_of_last_24m,
        orders.is_qualifying
        and orders.ordered_on = purchases.second_purchase_on as is_second
    from orders
    left join purchases on orders.customer_id = purchases.customer_id

),

facts as (

    select
        customer_id,

        ---------- the 24 months that end with the last order
        cast(sum(case when is_of_last_24m then contribution_margin end) as numeric(14, 2))
            as margin_24m,

        ---------- the day of the second purchase
        max(case when is_second then 1 else 0 end) = 1 as is_second_valued,
        case
            when
                count(case when is_second then order_id end)
                = count(case when is_second then delivered_at end)
                then max(case when is_second then {{ local_date('delivered_at') }} end)
        end as second_arrived_on,

        ---------- what is not known
        cast(sum(case when is_undecided then 1 else 0 end) as integer) as undecided_orders,
        cast(sum(case when is_value_unknown then 1 else 0 end) as integer) as unvalued_orders
    from dated
    group by customer_id

)

select
    facts.*,

    ---------- purchases
    purchases.last_purchase_on,
    purchases.purchase_days,
    purchases.median_gap_days
from facts
left join purchases on facts.customer_id = purchases.customer_id
