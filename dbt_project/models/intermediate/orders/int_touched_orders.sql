{{ config(post_hook="{{ analyze() }}") }}

-- All orders of touched customers, changed or not: their numbers are written anew together.
with touched as (

    select * from {{ ref('int_touched_customers') }}

),

orders as (

    select
        order_id,
        customer_id
    from {{ ref('int_orders_unioned') }}

),

known_orders as (

    select orders.order_id
    from orders
    inner join touched on orders.customer_id = touched.source_customer_id

),

-- Lines and refunds that wait for their order stand under the unknown member of that order.
awaited_orders as (

    select substring(touched.source_customer_id, {{ '(unknown) ' | length + 1 }}) as order_id
    from touched
    where touched.source_customer_id like '(unknown) %'

)

select order_id from known_orders
union
select order_id from awaited_orders
