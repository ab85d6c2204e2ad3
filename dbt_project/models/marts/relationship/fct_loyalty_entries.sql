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

used as (

    select
        customer_id,
        -sum(points) as points
    from entries
    where kind <> 'earned'
    group by customer_id

),

-- What lapses first is used first.
earned as (

    select
        entry_id,
        customer_id,
        points,
        sum(points) over (
            partition by customer_id
            order by
                expires_on asc nulls last,
                booked_at asc nulls last,
                {{ text_order('entry_id') }} asc nulls last
            rows between unbounded preceding and current row
        ) as earned_up_to
    from entries
    where kind = 'earned'

),

left_of_earned as (

    select
        earned.entry_id,
        least(earned.points, greatest(earned.earned_up_to - coalesce(used.points, 0), 0))
            as points_left
    from earned
    left join used on earned.customer_id = used.customer_id

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
