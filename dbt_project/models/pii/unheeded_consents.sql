{{ config(post_hook="{{ analyze() }}") }}

-- Words about consent that were delivered and cannot be used: a row in quarantine, or a withdrawal
-- under an id that nobody has. Until they are made good, they count against marketing.
with deliveries as (

    select * from {{ ref('stg_deliveries') }}

),

ledger as (

    select * from {{ source('ledger', 'deliveries') }}

),

quarantine as (

    select * from {{ source('ledger', 'quarantine') }}
    where feed = 'consents'

),

consents as (

    {{ union_systems('consents') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

replays as (

    select
        ledger.replay_of as delivery_id,
        consents.line
    from consents
    inner join ledger on consents.delivery_id = ledger.delivery_id
    where ledger.replay_of is not null

),

unread as (

    select
        quarantine.raw_text as said,
        deliveries.delivered_on
    from quarantine
    inner join deliveries on quarantine.delivery_id = deliveries.delivery_id
    left join replays
        on
            quarantine.delivery_id = replays.delivery_id
            and quarantine.line = replays.line
    where replays.line is null

),

about_nobody as (

    select
        consents.customer_id as said,
        consents.delivered_on
    from consents
    left join customers on consents.customer_id = customers.customer_id
    where
        customers.customer_id is null
        and not consents.is_granted

)

select * from unread
union all
select * from about_nobody
