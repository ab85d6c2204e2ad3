{{ config(post_hook="{{ analyze() }}") }}

-- Rows that were delivered and could not be read, and leave in doubt what their feed guards or what
-- a list claims from it: each may be a purchase, or a correction of what is known. In doubt until
-- that very line is replayed, or a later delivery has a row of that key.

with deliveries as (

    select * from {{ ref('stg_deliveries') }}

),

replays as (

    select
        delivery_id,
        replay_of
    from {{ source('ledger', 'deliveries') }}
    where replay_of is not null

),

doubted as (

    {% for feed, about in doubted_feeds() -%}
    select
        '{{ feed }}' as feed,
        '{{ about }}' as about
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        'none' as feed,
        'nothing' as about
    {% endfor %}

),

quarantine as (

    select
        quarantined.delivery_id,
        quarantined.line,
        quarantined.feed,
        deliveries.delivered_on,
        deliveries.delivery_rank,
        doubted.about
    from {{ source('ledger', 'quarantine') }} as quarantined
    inner join deliveries on quarantined.delivery_id = deliveries.delivery_id
    inner join doubted on quarantined.feed = doubted.feed

),

keys as (

    select
        delivery_id,
        line,
        term as row_key
    from {{ source('personal', 'quarantined_terms') }}
    where kind = 'key'

),

known as (

    select
        delivered.feed,
        delivered.row_key,
        delivered.delivery_id,
        delivered.line,
        deliveries.delivery_rank,
        replays.replay_of
    from {{ ref('stg_delivered_keys') }} as delivered
    inner join deliveries on delivered.delivery_id = deliveries.delivery_id
    left join replays on delivered.delivery_id = replays.delivery_id
    -- what did not come after the first of them makes none good
    where
        deliveries.delivery_rank > (select min(quarantine.delivery_rank) from quarantine)
        or replays.replay_of is not null

),

made_good as (

    select
        quarantine.delivery_id,
        quarantine.line
    from quarantine
    inner join known
        on
            quarantine.delivery_id = known.replay_of
            and quarantine.line = known.line

    union

    select
        quarantine.delivery_id,
        quarantine.line
    from quarantine
    inner join keys
        on
            quarantine.delivery_id = keys.delivery_id
            and quarantine.line = keys.line
    inner join known
        on
            quarantine.feed = known.feed
            and keys.row_key = known.row_key
            and quarantine.delivery_rank < known.delivery_rank

),

unread_rows as (

    select
        quarantine.delivery_id,
        quarantine.line,
        quarantine.feed,
        quarantine.about,
        quarantine.delivered_on
    from quarantine
    left join made_good
        on
            quarantine.delivery_id = made_good.delivery_id
            and quarantine.line = made_good.line
    where made_good.line is null

)

select * from unread_rows
