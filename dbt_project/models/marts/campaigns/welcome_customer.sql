-- Customers since their second order, once it has arrived and cannot be sent back any more.
{%- set return_window_days = list_threshold('welcome_customer', 'return_window_days') %}
{%- set welcome_days = list_threshold('welcome_customer', 'welcome_days') %}

with second_orders as (

    select
        customers.customer_id,
        customers.second_purchase_on,
        customers.days_to_second_purchase as days_to_second,
        {{ days_between('customers.second_purchase_on', as_of()) }} as days_since_second,
        case
            when count(*) = count(orders.delivered_at)
                then max({{ local_date('orders.delivered_at') }})
        end as arrived_on
    from {{ ref('dim_customers') }} as customers
    inner join {{ ref('fct_orders') }} as orders
        on
            customers.customer_id = orders.customer_id
            and customers.second_purchase_on = orders.ordered_on
    where
        orders.is_qualifying
        and {{ days_between('customers.second_purchase_on', as_of()) }} <= 180
    group by
        customers.customer_id,
        customers.second_purchase_on,
        customers.days_to_second_purchase

),

known as (

    select
        second_orders.*,
        {{ days_between('second_orders.arrived_on', as_of()) }} as days_since_arrival,
        summaries.frequency,
        contacts.last_contact_on as welcomed_on,
        customer_values.net_clv_12m,
        customer_values.value_at_risk,
        customer_values.purchase_probability_12m
    from second_orders
    left join {{ ref('customer_purchase_summaries') }} as summaries
        on second_orders.customer_id = summaries.customer_id
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on second_orders.customer_id = customer_values.customer_id
    left join {{ ref('int_list_contacts') }} as contacts
        on
            second_orders.customer_id = contacts.customer_id
            and contacts.list_code = 'welcome_customer'

),

candidates as (

    select
        customer_id,
        case
            when welcomed_on is not null then 'welcomed'
            when frequency > 1 then 'third_order'
            when arrived_on is null then 'not_arrived'
            when days_since_arrival <= {{ return_window_days }} then 'can_send_back'
            when days_since_arrival > {{ return_window_days }} + {{ welcome_days }}
                then 'long_arrived'
        end as ineligible_code,
        net_clv_12m as score,
        value_at_risk as tie_break_value,
        value_at_risk as value_at_stake,
        purchase_probability_12m as response_probability,
        'came_back' as reason_1_code,
        'kept' as reason_2_code,
        'chance' as reason_3_code,
        'welcome' as action_code,
        second_purchase_on as second_order_on,

        ---------- facts of the sentences
        days_since_second,
        days_to_second,
        days_since_arrival,
        welcomed_on,
        purchase_probability_12m
    from known

)

select * from candidates
