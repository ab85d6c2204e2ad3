{{ config(post_hook="{{ analyze() }}") }}

-- Rows that were delivered and could not be read, and leave in doubt what their feed guards or what
-- a list claims from it: each may be a purchase, or a correction of what is known. In doubt until
-- that very line is replayed, or a later delivery has a row of that key which says what is true
-- now: a version no older than the line's own, or, where that cannot be read, newer than what was
-- known before the line.

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
        max(case when kind = 'key' then term end) as row_key,
        max(case when kind = 'version' then term end) as version
    from {{ source('personal', 'quarantined_terms') }}
    where kind in ('key', 'version')
    group by delivery_id, line

),

unread as (

    select distinct
        quarantine.feed,
        quarantine.delivery_id,
        quarantine.line,
        quarantine.delivery_rank,
        keys.row_key,
        {{ version_instant('keys.version') }} as version_at,
        {{ version_number('keys.version') }} as version_no
    from quarantine
    inner join keys
        on
            quarantine.delivery_id = keys.delivery_id
            and quarantine.line = keys.line

),

unread_keys as (

    select distinct
        feed,
        row_key
    from unread

),

-- What came after the first of them, of these feeds. A version is an instant, a day or a number:
-- text does not sort as they do. By itself: planned together with the rows it corrects, whose
-- number is hard to guess, all that was delivered can be read again for each of them.
later as {{ computed_once() }} (

    select
        delivered.feed,
        delivered.row_key,
        deliveries.delivery_rank,
        {{ version_instant('delivered.version') }} as version_at,
        {{ version_number('delivered.version') }} as version_no
    from {{ ref('stg_delivered_keys') }} as delivered
    inner join deliveries on delivered.delivery_id = deliveries.delivery_id
    inner join unread_keys
        on
            delivered.feed = unread_keys.feed
            and delivered.row_key = unread_keys.row_key
    where
        delivered.feed in ('{{ doubted_feeds() | map('first') | unique | join("', '") or 'none' }}')
        and deliveries.delivery_rank > (select min(unread.delivery_rank) from unread)

),

corrections as (

    select
        unread.delivery_id,
        unread.line,
        unread.feed,
        unread.row_key,
        unread.delivery_rank,
        unread.version_at as unread_at,
        unread.version_no as unread_no,
        later.version_at,
        later.version_no
    from unread
    inner join later
        on
            unread.feed = later.feed
            and unread.row_key = later.row_key
            and unread.delivery_rank < later.delivery_rank

),

-- Of the few lines that have come again and whose own version cannot be read.
unversioned as (

    select distinct
        delivery_id,
        line,
        feed,
        row_key,
        delivery_rank
    from corrections
    where
        unread_at is null
        and unread_no is null

),

known_before as (

    select
        unversioned.delivery_id,
        unversioned.line,
        max({{ version_instant('delivered.version') }}) as version_at,
        max({{ version_number('delivered.version') }}) as version_no
    from unversioned
    inner join {{ ref('stg_delivered_keys') }} as delivered
        on
            unversioned.feed = delivered.feed
            and unversioned.row_key = delivered.row_key
    inner join deliveries
        on
            delivered.delivery_id = deliveries.delivery_id
            and unversioned.delivery_rank >= deliveries.delivery_rank
    group by unversioned.delivery_id, unversioned.line

),

made_good as (

    select
        quarantine.delivery_id,
        quarantine.line
    from quarantine
    inner join replays on quarantine.delivery_id = replays.replay_of
    inner join {{ ref('stg_delivered_keys') }} as delivered
        on
            replays.delivery_id = delivered.delivery_id
            and quarantine.line = delivered.line
    inner join deliveries on delivered.delivery_id = deliveries.delivery_id

    union

    select
        corrections.delivery_id,
        corrections.line
    from corrections
    left join known_before
        on
            corrections.delivery_id = known_before.delivery_id
            and corrections.line = known_before.line
    where
        (corrections.version_at is null and corrections.version_no is null)
        or case
            when corrections.unread_at is not null or corrections.unread_no is not null
                then coalesce(
                    corrections.version_at >= corrections.unread_at,
                    corrections.version_no >= corrections.unread_no,
                    false
                )
            when known_before.line is null then true
            else coalesce(
                corrections.version_at > known_before.version_at,
                corrections.version_no > known_before.version_no,
                false
            )
        end

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
