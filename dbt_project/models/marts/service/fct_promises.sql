{{ config(post_hook="{{ analyze() }}") }}

with cases as (

    select * from {{ ref('fct_service_cases') }}
    where promised_reply_minutes is not null

),

orders as (

    select
        orders.*,
        case
            when orders.delivered_at < {{ as_of_end() }}
                then {{ local_date('orders.delivered_at') }}
        end as arrived_on
    from {{ ref('int_orders_unioned') }} as orders
    where
        orders.promised_delivery_on is not null
        and orders.status <> 'cancelled'

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

-- The first of reply, telephone answer, resolution and merging ends the wait (fct_service_cases).
replies as (

    select
        {{ concat_text(["'reply '", 'case_id']) }} as promise_id,
        'reply' as kind,
        customer_id,
        case_id,
        order_id,
        opened_on as made_on,
        {{ add_minutes('opened_at', 'promised_reply_minutes') }} as due_at,
        is_breach as is_broken,
        {{ earlier_of('first_reply_minutes', 'resolution_minutes') }} is not null as has_ended,
        not is_open and resolved_at is null and first_reply_at is null as is_untold,
        {{ earlier_of('first_reply_minutes', 'resolution_minutes') }} - promised_reply_minutes
            as minutes_over
    from cases

),

deliveries as (

    select
        {{ concat_text(["'delivery '", 'orders.order_id']) }} as promise_id,
        'delivery' as kind,
        coalesce(customers.customer_id, {{ unknown_customer() }}) as customer_id,
        cast(null as {{ dbt.type_string() }}) as case_id,
        orders.order_id,
        orders.ordered_on as made_on,
        {{ local_to_utc(add_days('orders.promised_delivery_on', 1)) }} as due_at,
        coalesce(orders.arrived_on, {{ as_of() }}) > orders.promised_delivery_on as is_broken,
        orders.arrived_on is not null as has_ended,
        -- said to be delivered, nobody knows when
        orders.status = 'delivered' and orders.delivered_at is null as is_untold,
        1440 * {{ days_between('orders.promised_delivery_on', 'orders.arrived_on') }}
            as minutes_over
    from orders
    left join customers on orders.customer_id = customers.customer_id

),

promises as (

    select * from replies
    union all
    select * from deliveries

),

final as (

    select
        promise_id,
        kind,
        customer_id,
        case_id,
        order_id,
        made_on,
        due_at,
        case
            when is_untold then 'unknown'
            when is_broken then 'broken'
            when has_ended then 'kept'
            else 'open'
        end as outcome,
        is_broken and not is_untold as is_broken,
        case when is_broken and not is_untold then cast(minutes_over as integer) end
            as late_minutes
    from promises

)

select * from final
