{{ config(post_hook="{{ analyze() }}") }}

with delivered as (

    {{ union_systems('loyalty_entries') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

-- A booking of a later day waits for it.
entries as (

    select * from delivered
    where booked_at < {{ as_of_end() }}

),

-- What an order's refund took back, or lapsed of it, is of what that order brought.
taken_back as (

    select
        customer_id,
        order_id,
        -sum(points) as points
    from entries
    where
        order_id is not null
        and kind in ('expired', 'reversed')
    group by customer_id, order_id

),

earned as (

    select
        entries.entry_id,
        entries.customer_id,
        entries.points,
        entries.expires_on,
        entries.booked_at,
        coalesce(taken_back.points, 0) - sum(entries.points) over (
            partition by entries.customer_id, entries.order_id
            order by
                entries.expires_on asc nulls last,
                entries.booked_at asc nulls last,
                {{ text_order('entries.entry_id') }} asc nulls last
            rows between unbounded preceding and current row
        ) + entries.points as still_taken_back
    from entries
    left join taken_back
        on
            entries.customer_id = taken_back.customer_id
            and entries.order_id = taken_back.order_id
    where entries.kind = 'earned'

),

kept as (

    select
        earned.*,
        points - least(points, greatest(still_taken_back, 0)) as points_kept
    from earned

),

used as (

    select
        customer_id,
        -sum(points) as points
    from entries
    where kind <> 'earned'
    group by customer_id

),

-- Of all that is kept, what lapses first is used first.
queued as (

    select
        kept.*,
        sum(points_kept) over (
            partition by customer_id
            order by
                expires_on asc nulls last,
                booked_at asc nulls last,
                {{ text_order('entry_id') }} asc nulls last
            rows between unbounded preceding and current row
        ) as kept_up_to,
        sum(points - points_kept) over (partition by customer_id) as taken_from_its_order
    from kept

),

left_of_earned as (

    select
        queued.entry_id,
        least(
            queued.points_kept,
            greatest(
                queued.kept_up_to - (coalesce(used.points, 0) - queued.taken_from_its_order), 0
            )
        ) as points_left
    from queued
    left join used on queued.customer_id = used.customer_id

),

final as (

    select
        entries.entry_id,
        coalesce(customers.customer_id, {{ unknown_customer() }}) as customer_id,
        entries.order_id,
        entries.kind,
        entries.points,
        entries.booked_at,
        {{ local_date('entries.booked_at') }} as booked_on,
        entries.expires_on,
        cast(left_of_earned.points_left as integer) as points_left
    from entries
    left join customers on entries.customer_id = customers.customer_id
    left join left_of_earned on entries.entry_id = left_of_earned.entry_id

)

select * from final
