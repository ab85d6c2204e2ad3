{{ config(materialized="table", post_hook="{{ analyze() }}") }}

-- On which night each list is made: nightly, on Mondays, on the first of a month or quarter, or on
-- the first night after it that can and has the list. In between nobody joins; who no longer
-- belongs on it leaves.

with definitions as (

    select
        list_code,
        cadence,
        case cadence
            when 'weekly' then {{ add_days(as_of(), '1 - ' ~ weekday(as_of())) }}
            when 'monthly' then {{ month_start(as_of()) }}
            when 'quarterly' then {{ quarter_start(as_of()) }}
            else {{ as_of() }}
        end as due_on
    from {{ ref('list_definitions') }}

),

turns as (

    select
        list_code,
        cadence,
        due_on,
        case cadence
            when 'weekly' then {{ add_days('due_on', 7) }}
            when 'monthly' then {{ add_months('due_on', 1) }}
            when 'quarterly' then {{ add_months('due_on', 3) }}
            else {{ add_days('due_on', 1) }}
        end as next_on,
        case cadence
            when 'weekly' then {{ add_days('due_on', -7) }}
            when 'monthly' then {{ add_months('due_on', -1) }}
            when 'quarterly' then {{ add_months('due_on', -3) }}
        end as last_due_on
    from definitions

),

-- a list that nobody was ever on is new, and does not wait for its day
ever_made as (

    select distinct list_code
    from {{ source('decisions', 'effective_list_members') }}
    where as_of < {{ as_of() }}

),

-- a night made the lists that it had; of nights before the log that is not known of any
lists_of_nights as (

    select
        list_code,
        as_of,
        is_withheld
    from {{ source('decisions', 'effective_list_versions') }}

),

log_begins as (

    select min(as_of) as logged_from from lists_of_nights

),

published as (

    select
        turns.list_code,
        max(publications.as_of) as last_published_on,
        min(case when publications.as_of >= turns.last_due_on then publications.as_of end)
            as previously_made_on
    from turns
    inner join ever_made on turns.list_code = ever_made.list_code
    inner join {{ source('decisions', 'effective_publications') }} as publications
        on publications.as_of < {{ as_of() }}
    left join {{ source('decisions', 'effective_withheld_lists') }} as withheld
        on
            publications.as_of = withheld.as_of
            and turns.list_code = withheld.list_code
    cross join log_begins
    left join lists_of_nights
        on
            publications.as_of = lists_of_nights.as_of
            and turns.list_code = lists_of_nights.list_code
    where
        withheld.list_code is null
        and (
            not lists_of_nights.is_withheld
            or coalesce(publications.as_of < log_begins.logged_from, true)
        )
    group by turns.list_code

),

schedules as (

    select
        turns.list_code,
        turns.cadence,
        turns.next_on,
        coalesce(published.last_published_on < turns.due_on, true) as is_made_tonight,
        published.previously_made_on
    from turns
    left join published on turns.list_code = published.list_code

)

select * from schedules
