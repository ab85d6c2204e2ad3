-- Who bought a bicycle months ago and has not had its first, free check.
with lines as (

    select
        orders.customer_id,
        orders.ordered_on,
        order_lines.category
    from {{ ref('fct_order_lines') }} as order_lines
    inner join {{ ref('fct_orders') }} as orders
        on order_lines.order_id = orders.order_id

),

bicycles as (

    select
        customer_id,
        max(ordered_on) as bought_on
    from lines
    where category = 'bicycles'
    group by customer_id

),

checked as (

    select
        customer_id,
        max(ordered_on) as checked_on
    from lines
    where category = 'workshop'
    group by customer_id

),

customers as (

    select * from {{ ref('dim_customers') }}

),

facts as (

    select
        bicycles.customer_id,
        bicycles.bought_on,
        {{ regulars.days_between('bicycles.bought_on', regulars.as_of()) }} as days_since,
        checked.checked_on
    from bicycles
    inner join customers on bicycles.customer_id = customers.customer_id
    left join checked
        on
            bicycles.customer_id = checked.customer_id
            and bicycles.bought_on < checked.checked_on

),

candidates as (

    select
        customer_id,
        case
            when checked_on is not null then 'checked'
            when days_since < {{ regulars.list_threshold('first_check', 'first_days') }} then 'too_new'
            when days_since > {{ regulars.list_threshold('first_check', 'last_days') }} then 'too_old'
        end as ineligible_code,
        days_since as score,
        0 as tie_break_value,
        0 as value_at_stake,
        0 as response_probability,
        'bought' as reason_1_code,
        cast(null as {{ dbt.type_string() }}) as reason_2_code,
        cast(null as {{ dbt.type_string() }}) as reason_3_code,
        'invite' as action_code,
        bought_on,
        days_since,
        checked_on
    from facts

)

select * from candidates
