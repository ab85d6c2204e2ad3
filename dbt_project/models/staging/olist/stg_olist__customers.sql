-- The person behind the orders; every order brings a customer_id of its own.
with customers as (

    {{ visible_rows('olist', 'olist_customers') }}

),

orders as (

    {{ visible_rows('olist', 'olist_orders') }}

)

select
    customers.customer_unique_id as customer_id,
    'pt' as language,
    'BR' as country,
    'America/Sao_Paulo' as timezone,
    cast(null as {{ dbt.type_string() }}) as birth_month_day,
    cast(null as {{ dbt.type_string() }}) as anniversary_month_day,
    cast(null as {{ dbt.type_string() }}) as preferred_channel,
    false as is_staff,
    min(orders.order_purchase_timestamp) as created_at
from customers
left join orders on customers.customer_id = orders.customer_id
group by customers.customer_unique_id
