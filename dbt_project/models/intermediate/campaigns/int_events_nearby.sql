{{ config(enabled="event_invitation" in var("lists"), materialized="view") }}
{%- set days_until_event = days_between(as_of(), 'events.starts_on') %}

-- One event of the next three months for everybody in whose town something takes place: the first
-- that there is still time to invite them to, else the first.

with placed as (

    select
        homes.customer_id,
        events.*,
        {{ days_until_event }} as days_until_event,
        row_number() over (
            partition by homes.customer_id
            order by
                case
                    when
                        {{ days_until_event }}
                        >= {{ list_threshold('event_invitation', 'first_days') }}
                        then 0
                    else 1
                end asc,
                events.starts_on asc nulls last,
                {{ text_order('events.event_id') }} asc nulls last
        ) as place
    from {{ ref('fct_events') }} as events
    inner join {{ ref('customer_homes') }} as homes
        on {{ town('events.country', 'events.city') }} = homes.town
    where
        events.is_upcoming
        and events.starts_on <= {{ add_days(as_of(), 90) }}

)

select * from placed
where place = 1
