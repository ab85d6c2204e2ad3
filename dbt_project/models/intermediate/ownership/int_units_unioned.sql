{{ config(
    post_hook="{{ analyze(['unit_id', 'source_customer_id', 'product_id', 'order_id', 'known_by']) }}",
) }}

-- Units that the feed knows by their serial, and what else arrived of the categories that are
-- units: those lines still hold, less what the feed knows of them, whoever has it now, and what was
-- sent back.
with turns as (

    select * from {{ ref('int_unit_turns') }}

),

-- The order that a unit came with: its owner's or, at second hand without one, an earlier owner's.
came_with as (

    select
        unit_id,
        order_id,
        bought_on,
        row_number() over (
            partition by unit_id order by owner_no desc nulls last
        ) as place
    from turns
    where order_id is not null

),

named as (

    select
        turns.unit_id,
        turns.product_id,
        turns.serial,
        turns.customer_id as source_customer_id,
        came_with.order_id,
        1 as quantity,
        case when turns.registered_on is null then 'sale' else 'registration' end as known_by,
        coalesce(turns.bought_on, came_with.bought_on, turns.registered_on) as purchased_on,
        turns.registered_on,
        turns.warranty_ends_on,
        turns.last_serviced_on,
        turns.next_service_due_on,
        turns.retired_on,
        turns.retired_how
    from turns
    left join came_with
        on
            turns.unit_id = came_with.unit_id
            and came_with.place = 1
    where turns.is_last

),

-- A unit that we took back and sold again is of two orders, each of which brought it to somebody.
units_of_orders as (

    select
        order_id,
        product_id,
        unit_id,
        max(case when retired_how = 'returned' then 1 else 0 end) as is_returned
    from turns
    where order_id is not null
    group by order_id, product_id, unit_id

),

named_of_orders as (

    select
        order_id,
        product_id,
        count(*) as units,
        sum(is_returned) as returned_units
    from units_of_orders
    group by order_id, product_id

),

sold as (

    select * from {{ ref('int_units_sold') }}
    where arrived_on <= {{ as_of() }}

),

left_over as (

    select
        sold.*,
        sold.quantity
        - coalesce(named_of_orders.units, 0)
        - greatest(sold.refunded_quantity - coalesce(named_of_orders.returned_units, 0), 0)
            as unnamed_quantity
    from sold
    left join named_of_orders
        on
            sold.order_id = named_of_orders.order_id
            and sold.product_id = named_of_orders.product_id

),

inferred as (

    select
        {{ concat_text(["'order '", 'order_id', "' '", 'product_id']) }} as unit_id,
        product_id,
        cast(null as {{ dbt.type_string() }}) as serial,
        source_customer_id,
        order_id,
        cast(unnamed_quantity as integer) as quantity,
        'order_line' as known_by,
        arrived_on as purchased_on,
        cast(null as date) as registered_on,
        cast(null as date) as warranty_ends_on,
        cast(null as date) as last_serviced_on,
        cast(null as date) as next_service_due_on,
        cast(null as date) as retired_on,
        cast(null as {{ dbt.type_string() }}) as retired_how
    from left_over
    where unnamed_quantity > 0

),

final as (

    select * from named
    union all
    select * from inferred

)

select * from final
