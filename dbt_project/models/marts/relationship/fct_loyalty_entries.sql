{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched() }}",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["source_customer_id"]}],
) }}

with delivered as (

    {{ union_systems('loyalty_entries') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

-- A booking of a later day waits for it.
entries as (

    select * from delivered
    where
        booked_at < {{ as_of_end() }}
        and {{ only_touched_customers() }}

),

-- In passes over each person's bookings: to join what was earned to all of them grew with their
-- square while nothing was known yet of how many there are. What an order's refund took back, or
-- lapsed of it, is of what that order brought.
by_order as (

    select
        entries.*,
        sum(
            case
                when order_id is not null and kind in ('expired', 'reversed') then -points
                else 0
            end
        ) over (partition by customer_id, order_id)
        - sum(case when kind = 'earned' then points else 0 end) over (
            partition by customer_id, order_id
            order by
                expires_on asc nulls last,
                booked_at asc nulls last,
                {{ text_order('entry_id') }} asc nulls last
            rows between unbounded preceding and current row
        ) + points as still_taken_back
    from entries

),

kept as (

    select
        by_order.*,
        case
            when kind = 'earned' then points - least(points, greatest(still_taken_back, 0))
            else 0
        end as points_kept
    from by_order

),

-- Of all that is kept, what lapses first is used first: by what was not taken from its own order.
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
        sum(case when kind = 'earned' then points_kept - points else -points end) over (
            partition by customer_id
        ) as used
    from kept

),

final as (

    select
        queued.entry_id,
        coalesce(customers.customer_id, {{ unknown_customer() }}) as customer_id,
        queued.customer_id as source_customer_id,
        queued.order_id,
        queued.kind,
        queued.points,
        queued.booked_at,
        {{ local_date('queued.booked_at') }} as booked_on,
        queued.expires_on,
        case
            when queued.kind = 'earned'
                then cast(
                    least(queued.points_kept, greatest(queued.kept_up_to - queued.used, 0))
                    as integer
                )
        end as points_left
    from queued
    left join customers on queued.customer_id = customers.customer_id

)

select * from final
