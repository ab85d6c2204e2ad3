{{ config(
    materialized='table',
    post_hook="analyze {{ this }}",
) }}

with ledger as (

    select * from {{ source('ledger', 'deliveries') }}

),

built as (

    select delivery_id
    from {{ source('ops', 'built_deliveries') }}
    where prefix = '{{ var("schema_prefix", "") }}'

),

known as (

    select
        delivery_id,
        feed,
        delivered_on,
        revision,
        sha256
    from ledger
    where
        status = 'loaded'
        and delivered_on <= {{ as_of() }}
        and delivery_id <= {{ var('last_delivery_id') }}

),

-- Within a feed by date, revision and content: never by when a file happened to be loaded.
ranked as (

    select
        known.*,
        row_number() over (
            partition by known.feed
            order by
                known.delivered_on asc nulls last,
                known.revision asc nulls last,
                {{ text_order('known.sha256') }} asc nulls last
        ) as delivery_rank,
        row_number() over (
            partition by known.feed, known.delivered_on
            order by
                known.revision desc nulls last,
                {{ text_order('known.sha256') }} desc nulls last
        ) as place_in_day,
        row_number() over (
            partition by known.feed
            order by
                known.delivered_on desc nulls last,
                known.revision desc nulls last,
                {{ text_order('known.sha256') }} desc nulls last
        ) as place_in_feed
    from known

),

counting as (

    select
        ranked.delivery_id,
        ranked.feed,
        ranked.delivered_on,
        ranked.revision,
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
