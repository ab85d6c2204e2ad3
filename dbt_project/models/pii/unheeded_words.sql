{{ config(post_hook="{{ analyze() }}") }}

-- Words after which somebody may not be written to, delivered and not usable: a row in quarantine,
-- or a no under an id that nobody has. Until they are made good, they count against a contact.
{%- set kinds = {
    'consents': 'consent', 'campaign_contacts': 'consent',
    'deaths': 'farewell', 'erasure_requests': 'farewell',
} %}

with deliveries as (

    select * from {{ ref('stg_deliveries') }}

),

ledger as (

    select * from {{ source('ledger', 'deliveries') }}

),

quarantine as (

    select
        quarantined.*,
        case quarantined.feed
            {%- for feed, kind in kinds.items() %}
            when '{{ feed }}' then '{{ kind }}'
            {%- endfor %}
        end as kind
    from {{ source('ledger', 'quarantine') }} as quarantined

),

consents as (

    {{ union_systems('consents') }}

),

campaign_contacts as (

    {{ union_systems('campaign_contacts') }}

),

deaths as (

    {{ union_systems('deaths') }}

),

erasure_requests as (

    {{ union_systems('erasure_requests') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

heeded as (

    select
        'consent' as kind,
        customer_id,
        not is_granted as is_no,
        delivered_on,
        delivery_id,
        line
    from consents
    union all
    select
        'consent' as kind,
        customer_id,
        outcome in ('unsubscribed', 'complained') as is_no,
        delivered_on,
        delivery_id,
        line
    from campaign_contacts
    {%- for farewells in ['deaths', 'erasure_requests'] %}
    union all
    select
        'farewell' as kind,
        customer_id,
        not is_withdrawn as is_no,
        delivered_on,
        delivery_id,
        line
    from {{ farewells }}
    {%- endfor %}

),

replays as (

    select
        ledger.replay_of as delivery_id,
        heeded.line
    from heeded
    inner join ledger on heeded.delivery_id = ledger.delivery_id
    where ledger.replay_of is not null

),

unread as (

    select
        quarantine.kind,
        quarantine.raw_text as said,
        deliveries.delivered_on
    from quarantine
    inner join deliveries on quarantine.delivery_id = deliveries.delivery_id
    left join replays
        on
            quarantine.delivery_id = replays.delivery_id
            and quarantine.line = replays.line
    where
        quarantine.kind is not null
        and replays.line is null

),

about_nobody as (

    select
        heeded.kind,
        heeded.customer_id as said,
        heeded.delivered_on
    from heeded
    left join customers on heeded.customer_id = customers.customer_id
    where
        customers.customer_id is null
        and heeded.is_no

)

select * from unread
union all
select * from about_nobody
