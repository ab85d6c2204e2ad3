{{ config(post_hook="{{ analyze() }}") }}

-- Who has an address of somebody who was erased: it is never written to again, but by an account
-- with a yes of its own to that channel, later than the erasure.

with suppression_key as (

    select key from {{ source('decisions', 'suppression_key') }}

),

suppressions as (

    select * from {{ source('decisions', 'suppressions') }}
    where erased_on <= {{ as_of() }}

),

addresses as (

    select
        customer_id,
        channel,
        address
    from {{ ref('customer_addresses') }}
    -- nobody's address is hashed while there is nothing to compare it with
    where exists (select 1 from suppressions)

),

hashed as (

    select
        addresses.customer_id,
        addresses.channel,
        addresses.address,
        case addresses.channel
            when 'email' then {{ keyed_hash('suppression_key.key', 'email', 'addresses.address') }}
            else {{ keyed_hash('suppression_key.key', 'phone', 'addresses.address') }}
        end as keyed_hash
    from addresses
    cross join suppression_key

),

own_yeses as (

    select
        customer_id,
        channel,
        max({{ local_date('happened_at') }}) as yes_on
    from {{ ref('int_permission_events') }}
    where
        kind = 'consent'
        and not is_no
    group by customer_id, channel

),

suppressed_addresses as (

    select
        hashed.customer_id,
        hashed.channel,
        hashed.address
    from hashed
    inner join suppressions
        on
            hashed.channel = suppressions.kind
            and hashed.keyed_hash = suppressions.keyed_hash
    left join own_yeses
        on
            hashed.customer_id = own_yeses.customer_id
            and hashed.channel = own_yeses.channel
    where
        own_yeses.yes_on is null
        or own_yeses.yes_on <= suppressions.erased_on

)

select * from suppressed_addresses
