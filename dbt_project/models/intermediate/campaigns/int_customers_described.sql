{%- set looked_up = [
    'customer_id', 'relationship_status', 'lifecycle_status', 'is_valued',
] -%}
{{ config(
    pre_hook=["{{ never_row_by_row() }}", "{{ in_one_process() }}"],
    post_hook="{{ analyze(" ~ looked_up ~ ") }}",
) }}

-- What lists ask of a person, put together once: each list would join all of it for everybody.

with customers as (

    select * from {{ ref('dim_customers') }}

),

orders as (

    select * from {{ ref('int_customer_order_facts') }}

),

customer_values as (

    select * from {{ ref('customer_lifetime_values') }}

),

services as (

    select * from {{ ref('customer_service_summaries') }}

),

described as (

    select
        ---------- ids
        customers.customer_id,
        customers.household_id,

        ---------- standing
        customers.is_staff,
        customers.is_minor,
        customers.relationship_status,
        farewells.customer_id is not null as takes_no_place,
        customer_values.customer_id is not null as is_valued,
        customer_values.lifecycle_status,
        customer_values.value_tier,
        customer_values.value_tier_tonight,

        ---------- how to reach them, and when
        customers.preferred_channel,
        customers.has_email,
        customers.has_phone,
        coalesce(homes.is_complete, false) as has_address,
        customers.consent_email_marketing,
        customers.consent_phone_marketing,
        customers.consent_post_marketing,
        customers.consent_ads,
        customers.birthday_month_day,
        customers.anniversary_month_day,

        ---------- purchases
        customers.orders_count,
        customers.first_purchase_on,
        customers.second_purchase_on,
        orders.last_purchase_on,
        {{ days_between('customers.first_purchase_on', as_of()) }} as days_since_first,
        customers.days_to_second_purchase as days_to_second,
        {{ days_between('orders.last_purchase_on', as_of()) }} as days_since_last,
        orders.purchase_days - 1 as frequency,
        {{ days_between('customers.first_purchase_on', 'orders.last_purchase_on') }}
            as recency_days,
        orders.median_gap_days,
        coalesce(orders.undecided_orders, 0) as undecided_orders,
        coalesce(orders.unvalued_orders, 0) as unvalued_orders,
        orders.is_second_valued,
        orders.second_arrived_on,

        ---------- chances
        customer_values.purchase_probability_12m,
        customer_values.expected_orders_12m,
        customer_values.expected_next_order_on,
        customer_values.next_order_window_starts_on,
        customer_values.next_order_window_ends_on,

        ---------- money
        customer_values.net_clv_12m,
        orders.margin_24m,
        customer_values.value_at_risk,
        customer_values.value_if_active_12m,
        customer_values.value_if_kept_12m,
        customer_values.value_gone,
        customer_values.expected_order_value,
        -- wide, or DuckDB keeps it to 18 digits
        cast(customer_values.expected_order_value as numeric(38, 2)) * customer_values.margin_rate
            as order_margin,

        ---------- service
        coalesce(services.open_cases, 0) as open_cases,
        services.last_csat as csat,
        services.last_csat_on as csat_on,
        services.last_bad_csat_on
    from customers
    left join orders on customers.customer_id = orders.customer_id
    left join customer_values on customers.customer_id = customer_values.customer_id
    left join services on customers.customer_id = services.customer_id
    left join {{ ref('customer_homes') }} as homes
        on customers.customer_id = homes.customer_id
    left join {{ ref('customer_farewells') }} as farewells
        on customers.customer_id = farewells.customer_id

)

select * from described
