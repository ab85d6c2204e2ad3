{{ config(post_hook="{{ analyze() }}") }}

-- Why somebody may not be contacted, by channel and purpose: null is every one. Deaths, requests
-- to be forgotten and what may be one stop service as well; everything else stops what was refused.

with noes as (

    select * from {{ ref('int_standing_noes') }}

),

coded as (

    select
        customer_id,
        channel,
        purpose,
        case kind
            when 'death' then 'deceased'
            when 'erasure' then 'erased'
            when 'consent' then 'no_consent'
            else 'opted_out'
        end as stop_code,
        first_said_at,
        last_said_at
    from noes

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

people as (

    select
        account_id,
        customer_id
    from {{ ref('int_account_people') }}

),

own as (

    select
        coded.customer_id,
        coded.channel,
        coded.purpose,
        coded.stop_code
    from coded
    inner join customers on coded.customer_id = customers.customer_id

),

-- Of other accounts of the same person whatever they said; of those that were taken for the same
-- person, what was said meanwhile.
of_linked_accounts as (

    select
        links.customer_id,
        coded.channel,
        coded.purpose,
        case
            when coded.stop_code in ('deceased', 'erased') then coded.stop_code
            else 'other_account'
        end as stop_code
    from coded
    inner join {{ ref('int_linked_accounts') }} as links
        on coded.customer_id = links.linked_customer_id
    inner join customers on links.customer_id = customers.customer_id
    left join people on coded.customer_id = people.account_id
    where
        coalesce(people.customer_id, coded.customer_id) = links.customer_id
        or (
            coalesce(coded.last_said_at >= links.linked_from, true)
            and coalesce(coded.first_said_at <= links.linked_until, true)
        )

),

in_doubt as (

    select
        coalesce(people.customer_id, doubtful.customer_id) as customer_id,
        doubtful.channel,
        cast(null as {{ dbt.type_string() }}) as purpose,
        doubtful.stop_code
    from {{ ref('doubtful_noes') }} as doubtful
    left join people on doubtful.customer_id = people.account_id

),

reach as (

    select * from {{ ref('customer_reach') }}

),

-- Once, however many people have an address: all with all would grow with the square of them.
closed as (

    select
        channel,
        address,
        closed_for,
        purpose,
        stop_code,
        min(customer_id) as one_customer_id,
        max(customer_id) as other_customer_id
    from {{ ref('closed_addresses') }}
    where purpose is not null
    group by channel, address, closed_for, purpose, stop_code

),

of_shared_addresses as (

    select
        reach.customer_id,
        closed.closed_for as channel,
        closed.purpose,
        closed.stop_code
    from reach
    inner join closed
        on
            closed.channel = 'email'
            and reach.known_email = closed.address
    where
        closed.one_customer_id <> reach.customer_id
        or closed.other_customer_id <> reach.customer_id

    union all

    select
        reach.customer_id,
        closed.closed_for as channel,
        closed.purpose,
        closed.stop_code
    from reach
    inner join closed
        on
            closed.channel = 'phone'
            and reach.known_phone_e164 = closed.address
    where
        closed.one_customer_id <> reach.customer_id
        or closed.other_customer_id <> reach.customer_id

),

unusable as (

    select
        customer_id,
        'email' as channel,
        'marketing' as purpose,
        email_stop_code as stop_code
    from reach
    where email_stop_code is not null

    union all

    select
        customer_id,
        'phone' as channel,
        'marketing' as purpose,
        phone_stop_code as stop_code
    from reach
    where phone_stop_code is not null

),

stops as (

    select * from own
    union
    select * from of_linked_accounts
    union
    select * from in_doubt
    union
    select * from of_shared_addresses
    union
    select * from unusable

)

select * from stops
