{{ config(post_hook="{{ analyze() }}") }}

{%- set month = month_start(as_of()) %}

with purchases as (

    select
        customer_id,
        purchase_days,
        orders_count,
        last_purchase_on,
        net_sales
    from {{ ref('int_customer_purchases') }}
    where purchase_days > 0

),

-- At the end of last month nobody else stood differently, as far as is known today.
buyers_this_month as (

    select customer_id from purchases
    where last_purchase_on >= {{ month }}

),

earlier_orders as (

    select
        orders.customer_id,
        max(orders.purchase_day_seq) as purchase_days,
        count(*) as orders_count,
        max(orders.ordered_on) as last_purchase_on,
        sum(case when orders.is_qualifying then orders.net_sales else 0 end) as net_sales
    from {{ ref('fct_orders') }} as orders
    inner join buyers_this_month on orders.customer_id = buyers_this_month.customer_id
    where
        orders.order_seq is not null
        and orders.ordered_on < {{ month }}
    group by orders.customer_id

),

purchases_then as (

    select
        customer_id,
        purchase_days,
        orders_count,
        last_purchase_on,
        net_sales
    from purchases
    where last_purchase_on < {{ month }}
    union all
    select
        customer_id,
        purchase_days,
        orders_count,
        last_purchase_on,
        net_sales
    from earlier_orders

),

quintiles as (

    {{ rfm_quintiles('purchases') }}

),

quintiles_then as (

    {{ rfm_quintiles('purchases_then') }}

),

final as (

    select
        purchases.customer_id,
        cast(quintiles.recency_quintile as integer) as recency_quintile,
        cast(quintiles.frequency_quintile as integer) as frequency_quintile,
        cast(quintiles.money_quintile as integer) as money_quintile,
        coalesce(
            {{ rfm_group(
                'quintiles.recency_quintile',
                'quintiles.frequency_quintile',
                'quintiles.money_quintile'
            ) }},
            'trial'
        ) as rfm_group,
        case
            when purchases_then.customer_id is not null
                then coalesce(
                    {{ rfm_group(
                        'quintiles_then.recency_quintile',
                        'quintiles_then.frequency_quintile',
                        'quintiles_then.money_quintile'
                    ) }},
                    'trial'
                )
        end as previous_rfm_group
    from purchases
    left join quintiles on purchases.customer_id = quintiles.customer_id
    left join purchases_then on purchases.customer_id = purchases_then.customer_id
    left join quintiles_then on purchases.customer_id = quintiles_then.customer_id

)

select * from final
