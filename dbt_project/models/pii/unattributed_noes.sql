{{ config(post_hook="{{ analyze() }}") }}

-- No's that were delivered and cannot be given to an account as they are: a line in quarantine,
-- or an id that nobody has. Until that very line is replayed or corrected, they hold back whom
-- they may mean.
{%- set kinds = {} %}
{%- for feed in declared_feeds() if feed.forbids %}
    {%- do kinds.update({feed.feed: 'farewell' if 'farewells' in feed.guards else 'consent'}) %}
{%- endfor %}
{#- (feed, place in its key as in stg_delivered_keys, an allowed value) #}
{%- set values = [] %}
{%- for feed in declared_feeds() if feed.forbids %}
    {%- for name in feed.key[1:] | reject('equalto', feed.version) if loop.index <= 2 %}
        {%- set place = ['part', 'further'][loop.index0] %}
        {%- for value in feed.allowed.get(name, []) %}
            {%- do values.append((feed.feed, place, value)) %}
        {%- endfor %}
    {%- endfor %}
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

allowed as (

    {% for feed, place, value in values -%}
    select
        '{{ feed }}' as feed,
        '{{ place }}' as place,
        {{ text_literal(value) }} as allowed_value
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        'none' as feed,
        'none' as place,
        'none' as allowed_value
    {% endfor %}

),

allowed_cells as (

    select
        allowed.feed,
        allowed.place,
        {{ keyed_clue('suppression_key.key', "'cell'", loose_id('allowed.allowed_value')) }}
            as term
    from allowed
    cross join suppression_key

),

-- Parts of its key that a line says in no allowed word, as likely as not what it was refused for.
unsaid as (

    select
        quarantine.delivery_id,
        quarantine.line,
        allowed_cells.place
    from quarantine
    inner join allowed_cells on quarantine.feed = allowed_cells.feed
    left join cells
        on
            quarantine.delivery_id = cells.delivery_id
            and quarantine.line = cells.line
            and allowed_cells.term = cells.term
    group by quarantine.delivery_id, quarantine.line, allowed_cells.place
    having count(cells.term) = 0

),

-- Lines that say yes, whatever else of them could not be read.
yeses as (

    select
        cells.delivery_id,
        cells.line
    from cells
    cross join suppression_key
    group by cells.delivery_id, cells.line
    having
        max(
            case
                when cells.term = {{ keyed_clue('suppression_key.key', "'cell'", "'true'") }}
                    then 1
                else 0
            end
        ) = 1
        and max(
            case
                when cells.term = {{ keyed_clue('suppression_key.key', "'cell'", "'false'") }}
                    then 1
                else 0
            end
        ) = 0

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

-- By themselves: joined to the keys first, all words that were ever said would be put in order.
words as {{ computed_once() }} (

    select
        delivery_id,
        line,
        is_no
    from {{ ref('int_permission_events') }}
    where delivery_id in (select later.later_id from later)

),

accepted as (

    select
        keys.*,
        words.is_no,
        {{ keyed_clue('suppression_key.key', "'cell'", loose_id('keys.row_id')) }} as row_term,
        {{ keyed_clue('suppression_key.key', "'cell'", loose_id('keys.part_id')) }} as part_term,
        {{ keyed_clue('suppression_key.key', "'cell'", loose_id('keys.further_id')) }}
            as further_term
    from {{ ref('stg_delivered_keys') }} as keys
    cross join suppression_key
    left join words
        on
            keys.delivery_id = words.delivery_id
            and keys.line = words.line
    where keys.delivery_id in (select later.later_id from later)

),

-- Rows that could be read beside it: that they come again corrects nothing.
beside as (

    select * from {{ ref('stg_delivered_keys') }}
    where delivery_id in (select later.delivery_id from later)

),

-- That very line, or a row of its key: the contact or request, or what the customer said of that
-- channel and purpose. Of a line that says no channel or purpose there is, a row of that customer
-- with what the line does say; a yes only where the line is one, for it could be another word.
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
    left join yeses
        on
            later.delivery_id = yeses.delivery_id
            and later.line = yeses.line
    left join unsaid as unsaid_part
        on
            later.delivery_id = unsaid_part.delivery_id
            and later.line = unsaid_part.line
            and unsaid_part.place = 'part'
            and (accepted.is_no or yeses.line is not null)
    left join unsaid as unsaid_further
        on
            later.delivery_id = unsaid_further.delivery_id
            and later.line = unsaid_further.line
            and unsaid_further.place = 'further'
            and (accepted.is_no or yeses.line is not null)
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
                or unsaid_part.line is not null
            )
            and (
                accepted.further_term is null
                or further_cells.term is not null
                or unsaid_further.line is not null
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

accounts as (

    {{ every_account() }}

),

standing as (

    select * from {{ ref('int_standing_noes') }}

),

of_nobody as (

    select distinct
        standing.kind,
        standing.customer_id
    from standing
    left join accounts on standing.customer_id = accounts.account_id
    where accounts.account_id is null

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
    inner join of_nobody
        on
            events.kind = of_nobody.kind
            and events.customer_id = of_nobody.customer_id
    where events.is_no
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
