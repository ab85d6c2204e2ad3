with purchase_days as (

    select * from {{ ref('int_backtest_purchase_days') }}

),

origins as (

    select * from {{ ref('backtest_origins') }}

),

customers as (

    select
        origin,
        customer_id,
        min(ordered_on) as first_on
    from {{ ref('int_backtest_known_days') }}
    group by origin, customer_id

),

repeats as (

    select
        origins.origin,
        {{ days_between('origins.starts_on', 'purchase_days.ordered_on') }} as day
    from customers
    inner join origins on customers.origin = origins.origin
    inner join purchase_days
        on
            customers.customer_id = purchase_days.customer_id
            and customers.first_on < purchase_days.ordered_on
            and origins.ends_on >= purchase_days.ordered_on

),

final as (

    select
        origin,
        day,
        count(*) as repeats
    from repeats
    group by origin, day

)

select * from final
