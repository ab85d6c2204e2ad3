{{ config(enabled="reorder_due" in var("lists"), materialized="view") }}
{%- set of_people = [
    'customer_id', 'days_since_last', 'expected_orders_12m', 'value_if_active_12m', 'order_margin',
] %}
{%- set next_of_category = add_days('rhythms.last_paid_on', 'rhythms.category_gap_days') %}

-- What is expected of each customer next: an order of anything, by the model, and one of each
-- category that they buy in a rhythm of their own.

with rhythms as (

    select
        customer_id,
        category,
        paid_days as category_days,
        last_paid_on,
        cast(round(
            -- an engine may divide before it keeps those of many days
            1.0 * {{ days_between('first_paid_on', 'last_paid_on') }} / nullif(paid_days - 1, 0)
        ) as integer) as category_gap_days
    from {{ ref('int_customer_categories') }}
    where paid_days >= {{ list_threshold('reorder_due', 'fewest_days') }}

),

expected as (

    select
        {%- for name in of_people %}
        {{ name }},
        {%- endfor %}
        cast(null as {{ dbt.type_string() }}) as due_category,
        cast(null as integer) as category_days,
        cast(null as integer) as category_gap_days,
        cast(null as date) as category_last_on,
        next_order_window_starts_on as expected_from,
        expected_next_order_on,
        next_order_window_ends_on as expected_until
    from {{ ref('int_customers_described') }}
    where
        next_order_window_starts_on is not null
        and is_valued
    union all
    select
        {%- for name in of_people %}
        people.{{ name }},
        {%- endfor %}
        rhythms.category as due_category,
        rhythms.category_days,
        rhythms.category_gap_days,
        rhythms.last_paid_on as category_last_on,
        {{ next_of_category }} as expected_from,
        {{ next_of_category }} as expected_next_order_on,
        cast(null as date) as expected_until
    from rhythms
    inner join {{ ref('int_customers_described') }} as people
        on rhythms.customer_id = people.customer_id
    where people.is_valued

),

counted as (

    select
        expected.*,
        {{ days_between('category_last_on', as_of()) }} as days_since_category,
        {{ days_between(as_of(), 'expected_from') }} as days_until_due,
        {{ days_between('expected_from', as_of()) }} as days_overdue,
        {{ days_between(as_of(), 'expected_next_order_on') }} as days_until_expected,
        -- orders spread over the year: the chance of one within 30 days
        case
            when expected_orders_12m is not null
                then least({{ ratio('expected_orders_12m * 30', '365', 16) }}, 1)
        end as p_30_days
    from expected

)

select * from counted
