{{ config(post_hook="{{ analyze() }}") }}

-- Which feeds are in, as of the night: the one place that decides what is overdue and so which
-- guards are stale. Lists, gate, report, status and alerts read it.

with declared as (

    select * from {{ ref('int_feeds_declared') }}

),

missing as (

    select * from {{ ref('int_feed_gaps') }}

),

doubted as (

    select * from {{ ref('int_feed_doubts') }}

),

refused as (

    select
        feed,
        min(delivered_on) as refused_on,
        cast(count(*) as integer) as refused_files
    from {{ ref('refused_files') }}
    group by feed

),

last_accepted as (

    select
        feed,
        max(delivered_on) as last_delivered_on
    from {{ ref('stg_deliveries') }}
    group by feed

),

approvals as (

    select distinct input_digest as approved_state
    from {{ source('decisions', 'approvals') }}
    where
        as_of = {{ as_of() }}
        and gate = 'guards'

),

joined as (

    select
        declared.*,
        last_accepted.last_delivered_on,
        missing.missing_on,
        coalesce(missing.gaps, 0) as gaps,
        refused.refused_on,
        coalesce(refused.refused_files, 0) as refused_files,
        doubted.doubted_on,
        coalesce(doubted.doubted_files, 0) as doubted_files,
        missing.feed is not null
        or refused.feed is not null
        or doubted.feed is not null as is_stale,
        -- what a person's word on it names; without what changes nothing about it
        {{ concat_text([
            'declared.feed', "' missing '", text_of('missing.missing_on'), "' '",
            text_of('missing.gaps'), "' refused '", text_of('refused.refused_on'), "' '",
            text_of('refused.refused_files'), "' doubted '", text_of('doubted.doubted_on'),
            "' '", text_of('doubted.doubted_files'),
        ]) }} as state
    from declared
    left join last_accepted on declared.feed = last_accepted.feed
    left join missing on declared.feed = missing.feed
    left join refused on declared.feed = refused.feed
    left join doubted on declared.feed = doubted.feed

),

final as (

    select
        ---------- ids
        joined.feed,
        joined.system_name,

        ---------- declared
        joined.expected,
        joined.grace_days,
        joined.is_switched_on,
        {% for guard in var('guards') -%}
        joined.guards_{{ guard }},
        {% endfor %}
        ---------- delivered
        joined.last_delivered_on,
        joined.missing_on,
        joined.gaps,
        joined.refused_on,
        joined.refused_files,
        joined.doubted_on,
        joined.doubted_files,

        ---------- what follows
        joined.is_stale,
        joined.is_stale and approvals.approved_state is not null as is_approved,
        joined.is_stale and approvals.approved_state is null as is_withholding,
        case when joined.is_stale then joined.state end as state,
        case
            when joined.is_stale
                then {{ feed_state_words('joined') }}
        end as words
    from joined
    left join approvals on joined.state = approvals.approved_state

)

select * from final
