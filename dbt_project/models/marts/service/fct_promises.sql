{{ config(
    post_hook="{{ analyze(['customer_id', 'case_id', 'order_id', 'kind', 'is_broken']) }}",
) }}

with cases as (

    select
        cases.*,
        {{ declared_fault('teams', 'cases.team') }} as fault_by_team,
        {{ declared_fault('reasons', 'cases.reason') }} as fault_by_reason
    from {{ ref('fct_service_cases') }} as cases

),

promised as (

    select
        case_id,
        promised_callback_at,
        promised_repair_at,
        case when called_back_at < {{ as_of_end() }} then called_back_at end as called_back_at,
        case when resolved_at < {{ as_of_end() }} then resolved_at end as solved_at
    from {{ ref('int_cases_unioned') }}
    where promised_callback_at is not null or promised_repair_at is not null

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
        and {{ is_sold('orders.status') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

-- What the desk says of an order: the last case about it that says anything.
told as (

    select
        order_id,
        coalesce(fault_by_reason, fault_by_team) as fault,
        row_number() over (
            partition by order_id
            order by opened_at desc nulls last, {{ text_order('case_id') }} asc nulls last
        ) as place
    from cases
    where
        order_id is not null
        and coalesce(fault_by_reason, fault_by_team) is not null

),

-- The first of reply, telephone answer, resolution and merging ends the wait (fct_service_cases).
-- Nobody but us can reply, if not a team that works for us.
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
            as minutes_over,
        coalesce(fault_by_team, 'ours') as fault
    from cases
    where promised_reply_minutes is not null

),

-- Who is called back no more because the case is solved was not let down either. Merging a case
-- into another solves nothing.
promised_in_cases as (

    select
        'call_back' as kind,
        cases.case_id,
        promised.promised_callback_at as due_at,
        {{ earlier_of('promised.called_back_at', 'promised.solved_at') }} as ended_at,
        coalesce(cases.fault_by_team, 'ours') as fault
    from cases
    inner join promised on cases.case_id = promised.case_id
    where promised.promised_callback_at is not null
    union all
    select
        'repair' as kind,
        cases.case_id,
        promised.promised_repair_at as due_at,
        promised.solved_at as ended_at,
        coalesce(cases.fault_by_reason, cases.fault_by_team, 'unknown') as fault
    from cases
    inner join promised on cases.case_id = promised.case_id
    where promised.promised_repair_at is not null

),

timed_in_cases as (

    select
        promised_in_cases.*,
        {{ minutes_between('due_at', 'ended_at') }} as minutes_over
    from promised_in_cases

),

call_backs_and_repairs as (

    select
        {{ concat_text(['timed_in_cases.kind', "' '", 'cases.case_id']) }} as promise_id,
        timed_in_cases.kind,
        cases.customer_id,
        cases.case_id,
        cases.order_id,
        cases.opened_on as made_on,
        timed_in_cases.due_at,
        case
            when timed_in_cases.ended_at is null
                then timed_in_cases.due_at < {{ as_of_end() }}
            else timed_in_cases.minutes_over > 0
        end as is_broken,
        timed_in_cases.ended_at is not null as has_ended,
        not cases.is_open
        and timed_in_cases.ended_at is null
        and coalesce(cases.resolved_at <= timed_in_cases.due_at, true) as is_untold,
        timed_in_cases.minutes_over,
        timed_in_cases.fault
    from timed_in_cases
    inner join cases on timed_in_cases.case_id = cases.case_id

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
            as minutes_over,
        coalesce(told.fault, 'unknown') as fault
    from orders
    left join customers on orders.customer_id = customers.customer_id
    left join told
        on
            orders.order_id = told.order_id
            and told.place = 1

),

promises as (

    select * from replies
    union all
    select * from call_backs_and_repairs
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
            as late_minutes,
        case when is_broken and not is_untold then fault end as fault_of
    from promises

)

select * from final
