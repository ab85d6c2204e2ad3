-- Where a person lives: the latest word of all their accounts.

with delivered as (

    {{ union_systems('addresses') }}

),

accounts as (

    select * from {{ ref('customer_accounts') }}

),

known as (

    select
        accounts.customer_id,
        delivered.street,
        delivered.postcode,
        delivered.city,
        delivered.country,
        row_number() over (
            partition by accounts.customer_id
            order by
                delivered.changed_at desc nulls last,
                case when accounts.is_own then 0 else 1 end asc nulls last,
                {{ text_order('accounts.account_id') }} asc nulls last
        ) as place
    from delivered
    inner join accounts on delivered.customer_id = accounts.account_id
    where delivered.changed_at < {{ as_of_end() }}

),

plain as {{ computed_once() }} (

    select
        known.*,
        {{ plain_street('street') }} as plain_street,
        {{ plain_postcode('postcode') }} as plain_postcode
    from known
    where place = 1

),

final as (

    select
        customer_id,
        street,
        postcode,
        city,
        country,
        street is not null and coalesce(postcode, city) is not null as is_complete,
        {{ town('country', 'city') }} as town,
        {{ home_key('country', 'plain_postcode', 'plain_street') }} as home_key
    from plain

)

select * from final
