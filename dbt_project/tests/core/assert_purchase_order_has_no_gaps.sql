{{ config(tags=['oracle']) }}
-- Orders are numbered 1..n and purchase days 1..d without a hole, in the order of time.
with orders as (

    select * from {{ ref('fct_orders') }}
    where order_seq is not null

),

counted as (

    select
        customer_id,
        count(*) as orders,
        max(order_seq) as last_order,
        count(distinct order_seq) as places,
        count(distinct ordered_on) as days,
        max(purchase_day_seq) as last_day
    from orders
    group by customer_id

),

out_of_order as (

    select earlier.customer_id
    from orders as earlier
    inner join orders as later
        on
            earlier.customer_id = later.customer_id
            and earlier.order_seq + 1 = later.order_seq
    where
        earlier.ordered_at > later.ordered_at
        or later.purchase_day_seq - earlier.purchase_day_seq
        <> case when earlier.ordered_on < later.ordered_on then 1 else 0 end

)

select customer_id
from counted
where
    orders <> last_order
    or orders <> places
    or days <> last_day
union all
select customer_id from out_of_order
