{{ config(
    materialized='table',
    post_hook="{{ analyze() }}",
) }}

with ledger as (

    {{ known_deliveries() }}

),

built as (

    select delivery_id
    from {{ source('ops', 'built_deliveries') }}
    where prefix = '{{ var("schema_prefix", "") }}'

),

-- Rows replayed from quarantine stand with the delivery that they came in: they share its place,
-- so they never replace it and count exactly when it counts.
known as (

    select
        ledger.delivery_id,
        ledger.feed,
        ledger.delivered_on,
        ledger.revision,
        ledger.rewrite_no,
        ledger.sha256,
        coalesce(replayed.sha256, ledger.sha256) as content
    from ledger
    left join ledger as replayed on ledger.replay_of = replayed.delivery_id
    where ledger.status = 'loaded'

),

-- Within a feed by date, revision, replacement in place and content: never by when a file happened
-- to be loaded.
ranked as (

    select
        known.*,
        dense_rank() over (
            partition by known.feed
            order by
                known.delivered_on asc nulls last,
                known.revision asc nulls last,
                known.rewrite_no asc nulls last,
                {{ text_order('known.content') }} asc nulls last
        ) as delivery_rank,
        dense_rank() over (
            partition by known.feed, known.delivered_on
            order by
                known.revision desc nulls last,
                known.rewrite_no desc nulls last,
                {{ text_order('known.content') }} desc nulls last
        ) as place_in_day,
        dense_rank() over (
            partition by known.feed
            order by
                known.delivered_on desc nulls last,
                known.revision desc nulls last,
                known.rewrite_no desc nulls last,
                {{ text_order('known.content') }} desc nulls last
        ) as place_in_feed
    from known

),

counting as (

    select
        ranked.delivery_id,
        ranked.feed,
        ranked.delivered_on,
        ranked.revision,
        ranked.rewrite_no,
        ranked.sha256,
        ranked.delivery_rank,
        built.delivery_id is null as is_new
    from ranked
    left join built on ranked.delivery_id = built.delivery_id
    where
        case
            when ranked.feed in ({{ feeds_by_rule('append') | join(', ') }})
                then ranked.place_in_day = 1
            when ranked.feed in ({{ feeds_by_rule('snapshot') | join(', ') }})
                then ranked.place_in_feed = 1
            else true
        end

)

select * from counting
