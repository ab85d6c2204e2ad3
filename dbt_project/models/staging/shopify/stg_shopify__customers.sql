-- An account has no country of its own: that of its latest order.
with customers as (

    {{ visible_rows('shopify', 'shopify_customer') }}

),

orders as (

    {{ visible_rows('shopify', 'shopify_order') }}

),

countries as (

    select
        customer_id,
        shipping_address_country_code as country,
        row_number() over (
            partition by customer_id
            order by
                coalesce(processed_at, created_at) desc nulls last,
                {{ text_order('id') }} desc nulls last
        ) as place
    from orders
    where shipping_address_country_code is not null

)

select
    customers.id as customer_id,
    cast(null as {{ dbt.type_string() }}) as language,
    countries.country,
    cast(null as {{ dbt.type_string() }}) as timezone,
    cast(null as {{ dbt.type_string() }}) as birth_month_day,
    cast(null as {{ dbt.type_string() }}) as anniversary_month_day,
    cast(null as {{ dbt.type_string() }}) as preferred_channel,
    false as is_staff,
    customers.created_at
from customers
left join countries
    on
        customers.id = countries.customer_id
        and countries.place = 1
