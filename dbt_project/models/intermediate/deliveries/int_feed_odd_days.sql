{{ config(post_hook="{{ analyze() }}") }}

-- Days whose file may be no whole one: looked at closely by int_feed_doubts.
{%- set marketing_lists = ["'none'"] %}
{%- for list_code in (var('lists') if execute else [])
    if list_definition(list_code).class == 'marketing' %}
    {%- do marketing_lists.append("'" ~ list_code ~ "'") %}
{%- endfor %}

with in_runs as (

    select * from {{ ref('int_feed_file_days') }}

),

beside_weekday as (

    select
        in_runs.*,
        min(case when in_runs.rows_in > 0 then in_runs.rows_in end) over (
            partition by in_runs.feed, in_runs.weekday
            order by in_runs.day asc nulls last
            rows between {{ var('doubt_weeks') }} preceding and 1 preceding
        ) as fewest_lately
    from in_runs

),

published as (

    select min(as_of) as first_on
    from {{ source('decisions', 'effective_publications') }}
    where as_of < {{ as_of() }}

),

sent as (

    select distinct members.as_of
    from {{ source('decisions', 'effective_list_members') }} as members
    where
        members.as_of < {{ as_of() }}
        and members.arm = 'treat'
        and members.list_code in ({{ marketing_lists | join(', ') }})

),

unprompted as (

    select
        in_runs.feed,
        in_runs.day
    from in_runs
    left join sent
        on
            in_runs.day > sent.as_of
            and in_runs.day_before <= sent.as_of
    where
        in_runs.is_bare
        and in_runs.follows_lists
    group by
        in_runs.feed,
        in_runs.day
    having count(sent.as_of) = 0

),

odd_days as (

    select beside_weekday.*
    from beside_weekday
    cross join published
    left join unprompted
        on
            beside_weekday.feed = unprompted.feed
            and beside_weekday.day = unprompted.day
    where
        beside_weekday.day > coalesce(published.first_on, {{ add_days(as_of(), -1) }})
        and (
            beside_weekday.files = 1
            or beside_weekday.emptying_files = 1
            or beside_weekday.unread_files > 0
        )
        and unprompted.feed is null
        and (
            beside_weekday.repeated_files > 0
            or beside_weekday.emptying_files = 1
            or beside_weekday.unread_files > 0
            or (
                beside_weekday.counted_files = 0
                and (
                    beside_weekday.rows_in = 0
                    or beside_weekday.unended_files > 0
                    or (
                        beside_weekday.rows_in < beside_weekday.fewest_lately
                        and beside_weekday.doubt_below_pct > 0
                    )
                )
            )
        )

)

select * from odd_days
