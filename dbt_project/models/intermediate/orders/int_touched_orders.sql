{{ config(post_hook="{{ analyze() }}") }}

-- All orders of touched customers, changed or not: their numbers are written anew together.
with touched as (

    select * from {{ ref('int_touched_customers') }}

),

-- By account, as the delivered orders are indexed.
touched_accounts as (

    select source_customer_id as account_id from touched
    union
    select people.account_id
    from {{ ref('int_account_people') }} as people
    inner join touched on people.customer_id = touched.source_customer_id

),

orders as (

    {{ union_systems('orders', of='accounts') }}

),

known_orders as (

    select orders.order_id
    from orders
    inner join touched_accounts on orders.customer_id = touched_accounts.account_id

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
