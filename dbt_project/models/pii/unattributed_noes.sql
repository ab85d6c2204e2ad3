{{ config(post_hook="{{ analyze() }}") }}

-- No's that were delivered and cannot be given to an account as they are: a line in quarantine,
-- or an id that nobody has. Until that very line is replayed or corrected, they hold back whom
-- they may mean.
{%- set kinds = {} %}
{%- for feed in declared_feeds() if feed.forbids %}
    {%- do kinds.update({feed.feed: 'farewell' if 'farewells' in feed.guards else 'consent'}) %}
{%- endfor %}

with ledger as (

    select * from {{ source('ledger', 'deliveries') }}
    where
        status = 'loaded'
        and delivered_on <= {{ as_of() }}
        and delivery_id <= {{ var('last_delivery_id') }}

),

quarantine as (

    select
        quarantined.delivery_id,
        quarantined.line,
        quarantined.feed,
        quarantined.raw_text,
        ledger.delivered_on,
        ledger.revision,
        ledger.rewrite_no,
        case
            {%- for feed, kind in kinds.items() %}
            when quarantined.feed = '{{ feed }}' then '{{ kind }}'
            {%- else %}
            when 1 = 0 then 'no feed forbids anything'
            {%- endfor %}
        end as kind
    from {{ source('ledger', 'quarantine') }} as quarantined
    inner join ledger on quarantined.delivery_id = ledger.delivery_id

),

cells as (

    select
        delivery_id,
        line,
        {{ loose_id('term') }} as term
    from {{ source('personal', 'quarantined_terms') }}
    where kind = 'cell'

),

-- Rows that were taken after all, in the feeds that may forbid a contact.
accepted as (

    select
        {{ loose_id('customer_id') }} as customer_term,
        {{ loose_id('channel') }} as other_term,
        delivery_id,
        line
    from {{ ref('int_permission_events') }}
    where kind = 'consent'

    union all

    select
        {{ loose_id('customer_id') }} as customer_term,
        {{ loose_id('contact_id') }} as other_term,
        delivery_id,
        line
    from ({{ union_systems('campaign_contacts', of='accounts') }}) as contacts

    union all

    select
        {{ loose_id('customer_id') }} as customer_term,
        coalesce({{ loose_id('reference') }}, {{ loose_id('customer_id') }}) as other_term,
        delivery_id,
        line
    from {{ ref('int_permission_events') }}
    where kind in ('death', 'erasure')

),

replayed as (

    select
        ledger.replay_of as delivery_id,
        accepted.line
    from accepted
    inner join ledger on accepted.delivery_id = ledger.delivery_id
    where ledger.replay_of is not null

),

-- A later revision of the same day's file, or what replaced it in place, that has the row, by its
-- customer and its channel,
-- contact or request.
corrected as (

    select distinct
        quarantine.delivery_id,
        quarantine.line
    from quarantine
    inner join ledger as corrections
        on
            quarantine.feed = corrections.feed
            and quarantine.delivered_on = corrections.delivered_on
            and (
                quarantine.revision < corrections.revision
                or (
                    quarantine.revision = corrections.revision
                    and quarantine.rewrite_no < corrections.rewrite_no
                )
            )
    inner join accepted
        on corrections.delivery_id = accepted.delivery_id
    inner join cells as customer_cells
        on
            quarantine.delivery_id = customer_cells.delivery_id
            and quarantine.line = customer_cells.line
            and accepted.customer_term = customer_cells.term
    inner join cells as other_cells
        on
            quarantine.delivery_id = other_cells.delivery_id
            and quarantine.line = other_cells.line
            and accepted.other_term = other_cells.term

),

made_good as (

    select
        delivery_id,
        line
    from replayed
    union
    select
        delivery_id,
        line
    from corrected

),

unread as (

    select
        quarantine.kind,
        quarantine.raw_text as said,
        quarantine.delivered_on,
        quarantine.delivery_id,
        cast(quarantine.line as bigint) as line
    from quarantine
    left join made_good
        on
            quarantine.delivery_id = made_good.delivery_id
            and quarantine.line = made_good.line
    where
        quarantine.kind is not null
        and made_good.line is null

),

customers as (

    select account_id as customer_id from {{ ref('customer_accounts') }}

),

standing as (

    select * from {{ ref('int_standing_noes') }}

),

about_nobody as (

    select
        case
            when events.kind in ('death', 'erasure') then 'farewell'
            else 'consent'
        end as kind,
        events.customer_id as said,
        min(events.delivered_on) as delivered_on,
        cast(null as bigint) as delivery_id,
        cast(null as bigint) as line
    from {{ ref('int_permission_events') }} as events
    inner join standing
        on
            events.kind = standing.kind
            and events.customer_id = standing.customer_id
    left join customers on events.customer_id = customers.customer_id
    where
        customers.customer_id is null
        and events.is_no
    group by
        case
            when events.kind in ('death', 'erasure') then 'farewell'
            else 'consent'
        end,
        events.customer_id

)

select * from unread
union all
select * from about_nobody
