{{ config(post_hook="{{ analyze() }}") }}

-- Addresses and numbers that a no belongs to, whoever has them: everything, where the purpose is
-- null. A no to advertising closes whatever a person is found by there.

with noes as (

    select * from {{ ref('int_standing_noes') }}

),

bounces as (

    select
        customer_id,
        channel,
        {{ local_date('happened_at') }} as bounced_on
    from {{ ref('int_permission_events') }}
    where kind = 'bounce'

),

addresses as (

    select * from {{ ref('customer_addresses') }}

),

-- A bounce belongs to the addresses of its time: one that came later opens the channel again.
bounced as (

    select
        addresses.channel,
        addresses.address,
        addresses.channel as closed_for,
        cast(null as {{ dbt.type_string() }}) as purpose,
        'bounced' as stop_code,
        addresses.customer_id
    from addresses
    inner join bounces
        on
            addresses.customer_id = bounces.customer_id
            and addresses.channel = bounces.channel
    where addresses.known_on <= bounces.bounced_on

),

of_the_gone as (

    select
        addresses.channel,
        addresses.address,
        addresses.channel as closed_for,
        cast(null as {{ dbt.type_string() }}) as purpose,
        'shared_address' as stop_code,
        addresses.customer_id
    from addresses
    inner join noes on addresses.customer_id = noes.customer_id
    where noes.kind in ('death', 'erasure')

),

asked_for as (

    {{ channel_purposes() }}

),

-- One that names no channel is a no on every channel.
refusals as (

    select
        noes.customer_id,
        coalesce(noes.channel, asked_for.channel) as channel,
        noes.purpose
    from noes
    left join asked_for
        on
            noes.channel is null
            and noes.purpose = asked_for.purpose
    where noes.kind in ('consent', 'opt_out', 'complaint')

),

refused as (

    select
        addresses.channel,
        addresses.address,
        refusals.channel as closed_for,
        refusals.purpose,
        'shared_address' as stop_code,
        addresses.customer_id
    from addresses
    inner join refusals
        on
            addresses.customer_id = refusals.customer_id
            and (
                addresses.channel = refusals.channel
                or {{ is_by_any_address('refusals.channel') }}
            )

),

unioned as (

    select * from bounced
    union
    select * from of_the_gone
    union
    select * from refused

)

select * from unioned
