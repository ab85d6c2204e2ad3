{{ config(post_hook="{{ analyze(['unit_id', 'customer_id']) }}") }}

-- Whose a unit was, one owner after the other. A first owner has it from when it was bought, a
-- later one from when they registered it or, if that is not told, from when we were told of them;
-- until it left their use, at the latest until the next one had it. Where a day contradicts those
-- of later owners, or the end, they had it by then; where nobody said a day, none is known.
with customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

told as (

    select
        unit_id,
        owner_no,
        customer_id,
        bought_on,
        registered_on,
        retired_on,
        retired_how,
        first_known_on,
        lag({{ later_of('registered_on', 'first_known_on') }}) over (
            partition by unit_id order by owner_no asc nulls last
        ) as predecessor_known_on
    from {{ ref('int_unit_turns') }}

),

-- Inferred from an order line.
untold as (

    select
        unit_id,
        1 as owner_no,
        source_customer_id as customer_id,
        purchased_on as bought_on,
        registered_on,
        retired_on,
        retired_how,
        cast(null as date) as first_known_on,
        cast(null as date) as predecessor_known_on
    from {{ ref('int_units_unioned') }}
    where known_by = 'order_line'

),

owners as (

    select * from told
    union all
    select * from untold

),

begun as (

    select
        owners.*,
        case
            when owner_no = 1 then coalesce(bought_on, registered_on, first_known_on)
            when registered_on > predecessor_known_on then registered_on
            else first_known_on
        end as owned_from
    from owners

),

in_order as (

    select
        unit_id,
        owner_no,
        customer_id,
        retired_on,
        retired_how,
        case
            when owned_from is not null
                then min({{ earlier_of('owned_from', 'retired_on') }}) over (
                    partition by unit_id
                    order by owner_no asc nulls last
                    rows between current row and unbounded following
                )
        end as owned_from
    from begun

),

followed as (

    select
        in_order.*,
        lead(owned_from) over (
            partition by unit_id order by owner_no asc nulls last
        ) as next_owned_from
    from in_order

),

final as (

    select
        followed.unit_id,
        cast(followed.owner_no as integer) as owner_no,
        coalesce(customers.customer_id, {{ unknown_customer() }}) as customer_id,
        followed.owned_from,
        {{ earlier_of('followed.retired_on', 'followed.next_owned_from') }} as owned_until,
        followed.retired_how
    from followed
    left join customers on followed.customer_id = customers.customer_id

)

select * from final
