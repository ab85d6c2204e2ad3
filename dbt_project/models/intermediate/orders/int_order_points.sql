{{ config(materialized="view") }}

-- Points that an order of tonight's brought and nothing took back: lapsed or reversed, they cost
-- nothing. A booking of a later day waits for it.
with entries as (

    {{ union_systems('loyalty_entries') }}

)

select
    order_id,
    sum(points) as points
from entries
where
    order_id is not null
    and booked_at < {{ as_of_end() }}
    and kind in ('earned', 'expired', 'reversed')
    and {{ of_orders_written_tonight() }}
group by order_id
