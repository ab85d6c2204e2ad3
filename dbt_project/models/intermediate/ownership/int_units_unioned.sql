{{ config(post_hook="{{ analyze() }}") }}

-- Units that the feed knows by their serial, and what else arrived of the categories that are
-- units: those lines still hold, less what the feed knows of them and what was sent back. What the
-- feed says of a later day waits for it.
with delivered as (

    {{ union_systems('units') }}

),

versions as (

    {{ union_systems('unit_versions', of='accounts') }}

),

ranked_versions as (

    select
        versions.*,
        row_number() over (
            partition by product_id, serial
            order by
                version_at desc nulls last,
                delivery_rank desc nulls last,
                line desc nulls last
        ) as place
    from versions

),

-- Who has a unit at second hand and names no order of ours: it came with that of an earlier owner.
second_hand as (

    select
        product_id,
        serial,
        customer_id
    from ranked_versions
    where
        place = 1
        and order_id is null

),

first_hand as (

    select
        ranked_versions.product_id,
        ranked_versions.serial,
        ranked_versions.order_id,
        ranked_versions.bought_on,
        row_number() over (
            partition by ranked_versions.product_id, ranked_versions.serial
            order by ranked_versions.place asc nulls last
        ) as turn
    from ranked_versions
    inner join second_hand
        on
            ranked_versions.product_id = second_hand.product_id
            and ranked_versions.serial = second_hand.serial
            and ranked_versions.customer_id is distinct from second_hand.customer_id
    where ranked_versions.order_id is not null

),

order_lines as (

    select
        order_id,
        product_id,
        source_customer_id,
        category,
        quantity,
        refunded_quantity
    from {{ ref('fct_order_lines') }}
    where
        category in (
            {%- for category in var("unit_categories") %}
            '{{ category }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )

),

arrived_orders as (

    select
        order_id,
        coalesce({{ local_date('delivered_at') }}, ordered_on) as arrived_on
    from {{ ref('fct_orders') }}
    where
        status = 'delivered'
        and order_type in ('sale', 'replacement')
        and ordered_on <= {{ as_of() }}

),

named as (

    select
        {{ unit_id('delivered.product_id', 'delivered.serial') }} as unit_id,
        delivered.product_id,
        delivered.serial,
        delivered.customer_id as source_customer_id,
        coalesce(delivered.order_id, first_hand.order_id) as order_id,
        1 as quantity,
        case when delivered.registered_on is null then 'sale' else 'registration' end
            as known_by,
        coalesce(delivered.bought_on, first_hand.bought_on, delivered.registered_on)
            as purchased_on,
        delivered.registered_on,
        delivered.warranty_ends_on,
        delivered.last_serviced_on,
        delivered.next_service_due_on,
        case when delivered.retired_on <= {{ as_of() }} then delivered.retired_on end
            as retired_on,
        case
            when coalesce(delivered.retired_on, {{ as_of() }}) <= {{ as_of() }}
                then delivered.retired_how
        end as retired_how
    from delivered
    left join first_hand
        on
            delivered.product_id = first_hand.product_id
            and delivered.serial = first_hand.serial
            and first_hand.turn = 1
    where
        coalesce(delivered.bought_on, delivered.registered_on, {{ as_of() }}) <= {{ as_of() }}

),

named_of_orders as (

    select
        order_id,
        product_id,
        count(*) as units,
        sum(case when retired_how = 'returned' then 1 else 0 end) as returned_units
    from named
    where order_id is not null
    group by order_id, product_id

),

sold as (

    select
        order_lines.order_id,
        order_lines.product_id,
        max(order_lines.source_customer_id) as source_customer_id,
        sum(order_lines.quantity) as quantity,
        sum(order_lines.refunded_quantity) as refunded_quantity,
        min(arrived_orders.arrived_on) as arrived_on
    from order_lines
    inner join arrived_orders on order_lines.order_id = arrived_orders.order_id
    where order_lines.category is not null
    group by order_lines.order_id, order_lines.product_id

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
