{{ config(post_hook="{{ analyze() }}") }}

-- An order stands as its latest version delivered by the origin said, its net sales less the
-- refunds delivered by then.
with orders as (

    select * from {{ ref('int_backtest_orders') }}

),

origins as (

    select origin from {{ ref('backtest_origins') }}

),

refunded as (

    select
        origins.origin,
        refunds.order_id,
        sum(refunds.amount) as amount
    from {{ ref('int_backtest_refunds') }} as refunds
    inner join origins on refunds.known_on <= origins.origin
    group by origins.origin, refunds.order_id

),

-- In the order of the days that they are added up to, in which these are then looked through.
worth as (

    select
        origins.origin,
        orders.customer_id,
        orders.ordered_on,
        orders.sale - coalesce(refunded.amount, 0) as value
    from orders
    inner join origins
        on
            orders.known_from <= origins.origin
            and (orders.known_until is null or orders.known_until > origins.origin)
    left join refunded
        on
            origins.origin = refunded.origin
            and orders.order_id = refunded.order_id
    where orders.is_sold
    order by
        origins.origin asc nulls last,
        orders.customer_id asc nulls last,
        orders.ordered_on asc nulls last

),

purchase_days as (

    select
        origin,
        customer_id,
        ordered_on,
        sum(value) as value
    from worth
    where value > 0
    group by origin, customer_id, ordered_on

),

final as (

    select
        purchase_days.*,
        {{ days_between(
            'lag(ordered_on) over (partition by origin, customer_id order by ordered_on asc nulls last)',
            'ordered_on'
        ) }} as gap_days
    from purchase_days

)

select * from final
