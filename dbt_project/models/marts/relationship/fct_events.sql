{{ config(materialized="view") }}

with events as (

    {{ union_systems('events') }}

),

final as (

    select
        event_id,
        name,
        city,
        country,
        capacity,
        starts_at,
        {{ local_date('starts_at') }} as starts_on,
        ends_at,
        {{ local_date('starts_at') }} > {{ as_of() }} as is_upcoming
    from events

)

select * from final
