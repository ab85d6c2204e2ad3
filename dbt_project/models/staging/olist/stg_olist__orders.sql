with orders as (

    {{ visible_rows('olist', 'olist_orders') }}

),

customers as (

    {{ visible_rows('olist', 'olist_customers') }}

)

select
    ---------- ids
    orders.order_id,
    coalesce(customers.customer_unique_id, {{ unknown_customer('orders.order_id') }})
        as customer_id,

    ---------- properties
    case
        when orders.order_status in ('canceled', 'unavailable') then 'cancelled'
        when orders.order_status in ('shipped', 'delivered') then orders.order_status
        when orders.order_approved_at is not null then 'paid'
        else 'pending'
    end as status,
    'sale' as order_type,
    'BRL' as currency,
    'web' as channel,
    cast(null as {{ dbt.type_string() }}) as acquisition_channel,

    ---------- money
    0 as shipping_cost,
    0 as payment_fee,

    ---------- times
    orders.order_purchase_timestamp as ordered_at,
    {{ local_date('orders.order_purchase_timestamp') }} as ordered_on,
    orders.order_delivered_customer_date as delivered_at,
    {{ local_date('orders.order_estimated_delivery_date') }} as promised_delivery_on
from orders
left join customers on orders.customer_id = customers.customer_id
