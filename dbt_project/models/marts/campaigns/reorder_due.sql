-- Customers whose next order is about to be due, by the model or by their rhythm in a category.
{%- set days_ahead = list_threshold('reorder_due', 'days_ahead') %}

with category_days as (

    select
        customer_id,
        category,
        paid_days as category_days,
        first_paid_on as first_on,
        last_paid_on as last_on
    from {{ ref('int_customer_categories') }}
    where paid_days >= {{ list_threshold('reorder_due', 'fewest_days') }}

),

rhythms as (

    select
        category_days.*,
        cast(round(
            -- an engine may divide before it keeps those of many days
            1.0 * {{ days_between('first_on', 'last_on') }} / nullif(category_days - 1, 0)
        ) as integer) as category_gap_days
    from category_days

),

-- the earliest that is not past; else the one that is least overdue
next_due as (

    select
        rhythms.*,
        {{ add_days('last_on', 'category_gap_days') }} as due_on,
        row_number() over (
            partition by customer_id
            order by
                case
                    when {{ add_days('last_on', 'category_gap_days') }} >= {{ as_of() }} then 0
                    else 1
                end asc,
                abs(
                    {{ days_between(as_of(), add_days('last_on', 'category_gap_days')) }}
                ) asc nulls last,
                {{ text_order('category') }} asc nulls last
        ) as place
    from rhythms

),

expected as (

    select
        customer_values.customer_id,
        customer_values.next_order_window_starts_on is not null as is_from_model,
        coalesce(customer_values.next_order_window_starts_on, next_due.due_on) as due_on,
        coalesce(customer_values.expected_next_order_on, next_due.due_on)
            as expected_next_order_on,
        customer_values.next_order_window_ends_on as expected_until,
        case
            when customer_values.next_order_window_starts_on is null then next_due.category
        end as due_category,
        next_due.category_days,
        next_due.category_gap_days,
        {{ days_between('next_due.last_on', as_of()) }} as days_since_category,
        {{ days_between('summaries.last_purchase_on', as_of()) }} as days_since_last,
        customer_values.purchase_probability_12m,
        customer_values.value_if_active_12m,
        -- orders spread over the year: the chance of one within 30 days
        least({{ ratio('customer_values.expected_orders_12m * 30', '365', 16) }}, 1) as p_30_days,
        customer_values.expected_order_value * customer_values.margin_rate as order_margin
    from {{ ref('customer_lifetime_values') }} as customer_values
    inner join {{ ref('customer_purchase_summaries') }} as summaries
        on customer_values.customer_id = summaries.customer_id
    left join next_due
        on
            customer_values.customer_id = next_due.customer_id
            and next_due.place = 1
    where
        customer_values.next_order_window_starts_on is not null
        or next_due.due_on is not null

),

counted as (

    select
        expected.*,
        {{ days_between(as_of(), 'due_on') }} as days_until_due,
        {{ days_between(as_of(), 'expected_next_order_on') }} as days_until_expected
    from expected

),

candidates as (

    select
        customer_id,
        case
            when days_until_due < 0 then 'overdue'
            when days_until_due > {{ days_ahead }} then 'not_yet'
            -- a rhythm of a few days would always be due, right after an order too
            when days_since_last < days_until_expected then 'just_bought'
        end as ineligible_code,
        p_30_days * order_margin as score,
        value_if_active_12m as tie_break_value,
        p_30_days * order_margin as value_at_stake,
        p_30_days as response_probability,
        case when is_from_model then 'window' else 'category_rhythm' end as reason_1_code,
        -- said already, where the last order is the last one of the category
        case
            when is_from_model or days_since_category <> days_since_last then 'last'
        end as reason_2_code,
        cast(null as {{ dbt.type_string() }}) as reason_3_code,
        case when is_from_model then 'remind' else 'remind_category' end as action_code,
        expected_next_order_on,
        due_category,

        ---------- facts of the sentences
        category_days,
        category_gap_days,
        days_since_category,
        days_since_last,
        days_until_due,
        days_until_expected,
        -days_until_due as days_overdue,
        due_on as expected_from,
        expected_until
    from counted

)

select * from candidates
