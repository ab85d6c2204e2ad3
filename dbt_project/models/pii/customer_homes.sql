with delivered as (

    {{ union_systems('addresses') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

final as (

    select
        delivered.customer_id,
        delivered.street,
        delivered.postcode,
        delivered.city,
        delivered.country,
        {{ town('delivered.country', 'delivered.city') }} as town
    from delivered
    inner join customers on delivered.customer_id = customers.customer_id
    where delivered.changed_at < {{ as_of_end() }}

)

select * from final
