{{ config(post_hook="{{ analyze() }}") }}

-- Lists whose claim nobody can stand up for tonight, because a feed that guards it is not in.

with definitions as (

    select * from {{ ref('list_definitions') }}

),

feeds as (

    select * from {{ ref('feed_states') }}

),

hangs_on as (

    select
        definitions.list_code,
        feeds.feed,
        coalesce(feeds.words, feeds.feed || ' is not switched on') as words
    from definitions
    inner join feeds
        on
            (
                feeds.is_withholding
                and (
                    feeds.guards_farewells
                    or (
                        definitions.class = 'marketing'
                        and (feeds.guards_sales or feeds.guards_permission)
                    )
                    or (definitions.class = 'service' and feeds.guards_service)
                )
            )
            or (
                (feeds.is_withholding or not feeds.is_switched_on)
                and ' ' || coalesce(definitions.needed_feeds, '') || ' '
                like '% ' || feeds.feed || ' %'
            )

),

withheld as (

    select
        list_code,
        {{ dbt.listagg('words', "'; '", 'order by ' ~ text_order('feed')) }} as reason
    from hangs_on
    group by list_code

)

select * from withheld
