-- Who bought a bicycle months ago and has not had its first, free check.
with visits as (

    select
        orders.customer_id,
        max(case when order_lines.category = 'bicycles' then orders.ordered_on end) as bought_on,
        max(case when order_lines.category = 'workshop' then orders.ordered_on end) as workshop_on
    from {{ ref('fct_order_lines') }} as order_lines
    inner join {{ ref('fct_orders') }} as orders
        on order_lines.order_id = orders.order_id
    group by orders.customer_id

),

buyers as (

    select
        visits.customer_id,
        visits.bought_on,
        {{ regulars.days_between('visits.bought_on', regulars.as_of()) }} as days_since,
        case when visits.workshop_on > visits.bought_on then visits.workshop_on end as checked_on
    from visits
    inner join {{ ref('int_customers_described') }} as people
        on visits.customer_id = people.customer_id
    where visits.bought_on is not null

)

select
    buyers.*,
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
    'invite' as action_code
from buyers
