{{ config(schema="pii", materialized="view") }}

-- What counts tonight of everything ever said: each no, and each yes whose day has come.

with events as (

    {{ union_systems('permission_events') }}

),

known as (

    select * from events
    where
        is_no
        or happened_at < {{ as_of_end() }}

)

select * from known
