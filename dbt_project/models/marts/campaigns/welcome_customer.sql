-- Customers since their second order, once it has arrived and cannot be sent back any more.
{%- set return_window_days = list_threshold('welcome_customer', 'return_window_days') %}
{%- set welcome_days = list_threshold('welcome_customer', 'welcome_days') %}
{%- set days_since_arrival = days_between('people.second_arrived_on', as_of()) %}
{%- set days_since_second = days_between('people.second_purchase_on', as_of()) %}

select
    people.*,
    people.second_arrived_on as arrived_on,
    {{ days_since_arrival }} as days_since_arrival,
    {{ days_since_second }} as days_since_second,
    people.second_purchase_on as second_order_on,
    contacts.last_contact_on as welcomed_on,
    case
        when contacts.last_contact_on is not null then 'welcomed'
        when people.frequency > 1 then 'third_order'
        when people.second_arrived_on is null then 'not_arrived'
        when {{ days_since_arrival }} <= {{ return_window_days }} then 'can_send_back'
        when {{ days_since_arrival }} > {{ return_window_days + welcome_days }}
            then 'long_arrived'
    end as ineligible_code,
    people.net_clv_12m as score,
    people.value_at_risk as tie_break_value,
    people.value_at_risk as value_at_stake,
    people.purchase_probability_12m as response_probability,
    'came_back' as reason_1_code,
    'kept' as reason_2_code,
    'chance' as reason_3_code,
    'welcome' as action_code
from {{ ref('int_customers_described') }} as people
left join {{ last_contacts('welcome_customer') }} as contacts
    on people.customer_id = contacts.customer_id
where
    people.is_second_valued
    and {{ days_since_second }} <= 180
