{{ config(materialized="view") }}

-- What stops somebody on each channel and purpose that a list asks for. A stop of every channel or
-- purpose (null) is looked for apart: there are few, and all others are found by both.

with asked as (

    select distinct
        channel,
        purpose
    from {{ ref('list_definitions') }}

),

unioned as (

    select
        stops.customer_id,
        asked.channel,
        asked.purpose,
        stops.stop_code
    from {{ ref('int_contact_stops') }} as stops
    inner join asked
        on
            stops.channel = asked.channel
            and stops.purpose = asked.purpose

    union all

    select
        stops.customer_id,
        asked.channel,
        asked.purpose,
        stops.stop_code
    from {{ ref('int_contact_stops') }} as stops
    inner join asked
        on
            coalesce(stops.channel, asked.channel) = asked.channel
            and coalesce(stops.purpose, asked.purpose) = asked.purpose
    where
        stops.channel is null
        or stops.purpose is null

)

select
    {% for code in stop_codes() -%}
    max(case when stop_code = '{{ code }}' then 1 else 0 end) = 1 as is_{{ code }},
    {% endfor -%}
    customer_id,
    channel,
    purpose
from unioned
where stop_code <> 'no_consent'  -- the word that stands tells it
group by customer_id, channel, purpose
