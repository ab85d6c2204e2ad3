{{ config(post_hook="{{ analyze() }}") }}

-- What was known of an order, and from when to when: the version that counted, by deliveries. What
-- the first delivery of a feed brought, and orders of systems that do not tell their deliveries,
-- count as known on their own dates: they are the past that a company starts with. Lines, prices
-- and who a customer is are tonight's.
with orders as (

    select
        order_id,
        customer_id,
        ordered_on,
        status,
        net_sales,
        is_qualifying,
        gross_sales - discounts as sale
    from {{ ref('fct_orders') }}
    where
        not is_held
        and order_type = 'sale'
        and {{ is_sampled('customer_id') }}

),

-- a version that came after a later one never counted
versions as (

    select
        states.*,
        max(states.version_at) over (
            partition by states.order_id
            order by
                states.delivery_rank asc nulls last,
                states.line asc nulls last
            rows between unbounded preceding and current row
        ) as latest_at
    from {{ ref('int_order_states') }} as states
    inner join orders on states.order_id = orders.order_id

),

states as (

    select
        order_id,
        status,
        case when not is_first_delivery then delivered_on end as known_from,
        lead(delivered_on) over (
            partition by order_id
            order by
                delivery_rank asc nulls last,
                line asc nulls last
        ) as known_until
    from versions
    where version_at is not distinct from latest_at

),

final as (

    select
        orders.order_id,
        orders.customer_id,
        orders.ordered_on,
        orders.sale,
        orders.net_sales,
        orders.is_qualifying,
        {{ is_sold('coalesce(states.status, orders.status)') }} as is_sold,
        greatest(coalesce(states.known_from, orders.ordered_on), orders.ordered_on)
            as known_from,
        states.known_until
    from orders
    left join states on orders.order_id = states.order_id

)

select * from final
