{{ config(post_hook="{{ analyze() }}") }}

-- No's that were delivered and cannot be given to an account as they are: a line in quarantine,
-- or an id that nobody has. Until that very line is replayed or corrected, they hold back whom
-- they may mean.
{%- set kinds = {} %}
{%- for feed in declared_feeds() if feed.forbids %}
    {%- do kinds.update({feed.feed: 'farewell' if 'farewells' in feed.guards else 'consent'}) %}
{%- endfor %}

with known as (

    {{ known_deliveries() }}

),

ledger as (

    select * from known
    where status = 'loaded'

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
        keyed_hash as term
    from {{ ref('quarantined_clues') }}
    where kind in ('cell', 'keyed')

),

suppression_key as (

    select key from {{ source('decisions', 'suppression_key') }}

),

-- What may make a line good: its replay, or a later revision of the same day's file, or what
-- replaced it in place.
later as (

    select
        quarantine.delivery_id,
        quarantine.line,
        ledger.delivery_id as later_id,
        coalesce(ledger.replay_of = quarantine.delivery_id, false) as is_replay
    from quarantine
    inner join ledger
        on
            quarantine.feed = ledger.feed
            and (
                quarantine.delivery_id = ledger.replay_of
                or (
                    quarantine.delivered_on = ledger.delivered_on
                    and quarantine.revision < ledger.revision
                )
                or (
                    quarantine.delivered_on = ledger.delivered_on
                    and quarantine.revision = ledger.revision
                    and quarantine.rewrite_no < ledger.rewrite_no
                )
            )

),

accepted as (

    select
        keys.*,
        {{ keyed_clue('suppression_key.key', "'cell'", loose_id('keys.row_id')) }} as row_term,
        {{ keyed_clue('suppression_key.key', "'cell'", loose_id('keys.part_id')) }} as part_term,
        {{ keyed_clue('suppression_key.key', "'cell'", loose_id('keys.further_id')) }}
            as further_term
    from {{ ref('stg_delivered_keys') }} as keys
    cross join suppression_key
    where keys.delivery_id in (select later.later_id from later)

),

-- Rows that could be read beside it: that they come again corrects nothing.
beside as (

    select * from {{ ref('stg_delivered_keys') }}
    where delivery_id in (select later.delivery_id from later)

),

-- That very line, or a row of its key: the contact or request, or what the customer said of that
-- channel and purpose.
made_good as (

    select distinct
        later.delivery_id,
        later.line
    from later
    inner join accepted on later.later_id = accepted.delivery_id
    left join cells as row_cells
        on
            later.delivery_id = row_cells.delivery_id
            and later.line = row_cells.line
            and accepted.row_term = row_cells.term
    left join cells as part_cells
        on
            later.delivery_id = part_cells.delivery_id
            and later.line = part_cells.line
            and accepted.part_term = part_cells.term
    left join cells as further_cells
        on
            later.delivery_id = further_cells.delivery_id
            and later.line = further_cells.line
            and accepted.further_term = further_cells.term
    left join beside
        on
            later.delivery_id = beside.delivery_id
            and accepted.row_id = beside.row_id
            and coalesce(accepted.part_id, '') = coalesce(beside.part_id, '')
            and coalesce(accepted.further_id, '') = coalesce(beside.further_id, '')
            and coalesce(accepted.version, '') = coalesce(beside.version, '')
    where
        (
            later.is_replay
            and later.line = accepted.line
        )
        or (
            not later.is_replay
            and beside.row_id is null
            and row_cells.term is not null
            and (
                accepted.part_term is null
                or part_cells.term is not null
            )
            and (
                accepted.further_term is null
                or further_cells.term is not null
            )
        )

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
