{{ config(materialized="view") }}

-- Points that an order of tonight's brought and nothing took back: lapsed or reversed, they cost
-- nothing. A booking of a later day waits for it.
with entries as (

    {{ union_systems('loyalty_entries') }}

),

booked as (

    select
        *,
        kind = 'earned' or (order_id is not null and kind <> 'spent') as is_of_its_order
    from entries
    where booked_at < {{ as_of_end() }}

),

named as (

    select
        order_id,
        sum(points) as points
    from booked
    where
        order_id is not null
        and is_of_its_order
        and {{ of_orders_written_tonight() }}
    group by order_id

),

-- Whose points lapsed or were taken back without a word of which order.
unnamed as (

    select distinct customer_id
    from booked
    where
        order_id is null
        and kind in ('expired', 'reversed')

),

brought as (

    select
        booked.customer_id,
        booked.order_id,
        coalesce(booked.order_id, booked.entry_id) as brought_by,
        sum(booked.points) as points,
        min(booked.expires_on) as expires_on,
        min(booked.booked_at) as booked_at
    from booked
    inner join unnamed on booked.customer_id = unnamed.customer_id
    where booked.is_of_its_order
    group by
        booked.customer_id,
        booked.order_id,
        coalesce(booked.order_id, booked.entry_id)

),

-- What lapses first is used first.
brought_so_far as (

    select
        brought.*,
        sum(points) over (
            partition by customer_id
            order by
                expires_on asc nulls last,
                booked_at asc nulls last,
                {{ text_order('brought_by') }} asc nulls last
            rows between unbounded preceding and current row
        ) as up_to
    from brought

),

used_so_far as (

    select
        booked.customer_id,
        booked.kind,
        -booked.points as points,
        sum(-booked.points) over (
            partition by booked.customer_id
            order by
                booked.booked_at asc nulls last,
                {{ text_order('booked.entry_id') }} asc nulls last
            rows between unbounded preceding and current row
        ) as up_to
    from booked
    inner join unnamed on booked.customer_id = unnamed.customer_id
    where not booked.is_of_its_order

),

taken_back as (

    select
        brought.order_id,
        sum(
            least(brought.up_to, used.up_to)
            - greatest(brought.up_to - brought.points, used.up_to - used.points)
        ) as points
    from brought_so_far as brought
    inner join {{ ref('int_orders_unioned') }} as orders
        on
            brought.order_id = orders.order_id
            and brought.customer_id = orders.customer_id
    inner join used_so_far as used
        on
            brought.customer_id = used.customer_id
            and brought.up_to - brought.points < used.up_to
            and brought.up_to > used.up_to - used.points
    where
        used.kind <> 'spent'
        and {{ of_orders_written_tonight('brought.order_id') }}
    group by brought.order_id

),

final as (

    select
        named.order_id,
        named.points - coalesce(taken_back.points, 0) as points
    from named
    left join taken_back on named.order_id = taken_back.order_id

)

select * from final
