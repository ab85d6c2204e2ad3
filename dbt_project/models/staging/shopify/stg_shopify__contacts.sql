with customers as (

    {{ visible_rows('shopify', 'shopify_customer') }}

),

countries as (

    select
        customer_id,
        country
    from {{ ref('stg_shopify__customers') }}

)

select
    customers.id as customer_id,
    customers.email,
    customers.phone,
    customers.first_name,
    customers.last_name,
    cast(null as date) as birth_date,
    cast(null as date) as kept_birth_date,
    countries.country
from customers
left join countries on customers.id = countries.customer_id
