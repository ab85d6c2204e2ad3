with arrivals as (

    select * from {{ ref('int_refund_arrivals') }}

),

refunds as (

    select *
    from {{ ref('fct_refunds') }}
    where
        not is_held
        and order_id in (select orders.order_id from {{ ref('int_backtest_orders') }} as orders)

),

final as (

    select
        refunds.order_id,
        refunds.amount - refunds.excess_amount as amount,
        case
            when arrivals.delivered_on is null or arrivals.is_first_delivery
                then refunds.refunded_on
            else arrivals.delivered_on
        end as known_on
    from refunds
    left join arrivals on refunds.refund_id = arrivals.refund_id

)

select * from final
