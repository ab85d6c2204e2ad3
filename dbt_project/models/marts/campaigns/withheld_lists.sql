{{ config(materialized="table", post_hook="{{ analyze() }}") }}

-- Lists whose claim nobody can stand up for tonight, because a feed that guards it is not in.

with definitions as (

    select * from {{ ref('list_definitions') }}

),

feeds as (

    select * from {{ ref('feed_states') }}

),

-- What each list cannot do without, besides what guards it.
needed as (

    {% for list_code, feed in needed_feeds() -%}
    select
        '{{ list_code }}' as list_code,
        '{{ feed }}' as feed
    union all
    {% endfor -%}
    select
        cast(null as {{ dbt.type_string() }}) as list_code,
        cast(null as {{ dbt.type_string() }}) as feed
    where 1 = 0

),

unguarded as (

    select
        definitions.list_code,
        feeds.feed,
        feeds.words,
        false as is_off
    from definitions
    inner join feeds
        on
            (feeds.guards_farewells and definitions.class <> 'suppression')
            or (
                definitions.class in ('marketing', 'audience')
                and (feeds.guards_sales or feeds.guards_permission)
            )
            or (definitions.class = 'service' and feeds.guards_service)
    where feeds.is_withholding

),

lacking as (

    select
        needed.list_code,
        needed.feed,
        case
            when feeds.feed is null then 'nobody_delivers'
            when not feeds.is_switched_on then 'switched_off'
        end as absence_code,
        feeds.words,
        feeds.feed is null or not feeds.is_switched_on as is_off
    from needed
    inner join definitions on needed.list_code = definitions.list_code
    left join feeds on needed.feed = feeds.feed
    where
        feeds.feed is null
        or feeds.is_withholding
        or not feeds.is_switched_on

),

-- a feed can guard a list that also needs it
hangs_on as (

    select * from unguarded
    union
    select
        list_code,
        feed,
        coalesce({{ shared_sentence('absence_code', 'feeds', [
            'nobody_delivers', 'switched_off',
        ]) }}, words) as words,
        is_off
    from lacking

),

withheld as (

    select
        list_code,
        {{ dbt.listagg('words', "'; '", 'order by ' ~ text_order('feed')) }} as reason,
        -- for good, until the feed is delivered: nothing that a person could let pass
        max(case when is_off then 1 else 0 end) = 1 as is_off
    from hangs_on
    group by list_code

)

select * from withheld
