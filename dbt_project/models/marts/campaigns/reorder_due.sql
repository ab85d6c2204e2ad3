-- Customers whose next order is about to be due, by the model or by their rhythm in a category.

with rhythms as (

    select
        customer_id,
        category,
        paid_days as category_days,
        last_paid_on as last_on,
        cast(round(
            -- an engine may divide before it keeps those of many days
            1.0 * {{ days_between('first_paid_on', 'last_paid_on') }} / nullif(paid_days - 1, 0)
        ) as integer) as category_gap_days
    from {{ ref('int_customer_categories') }}
    where paid_days >= {{ list_threshold('reorder_due', 'fewest_days') }}

),

dated as (

    select
        rhythms.*,
        {{ add_days('last_on', 'category_gap_days') }} as due_on,
        {{ days_between(as_of(), add_days('last_on', 'category_gap_days')) }} as days_until_due
    from rhythms

),

-- the earliest that is not past; else the one that is least overdue
next_due as (

    select
        dated.*,
        row_number() over (
            partition by customer_id
            order by
                case when days_until_due >= 0 then 0 else 1 end asc,
                abs(days_until_due) asc nulls last,
                {{ text_order('category') }} asc nulls last
        ) as place
    from dated

),

expected as (

    select
        people.customer_id,
        people.next_order_window_starts_on is not null as is_from_model,
        coalesce(people.next_order_window_starts_on, next_due.due_on) as expected_from,
        coalesce(people.expected_next_order_on, next_due.due_on) as expected_next_order_on,
        people.next_order_window_ends_on as expected_until,
        next_due.category,
        next_due.category_days,
        next_due.category_gap_days,
        {{ days_between('next_due.last_on', as_of()) }} as days_since_category,
        people.days_since_last,
        people.value_if_active_12m,
        people.order_margin,
        -- orders spread over the year: the chance of one within 30 days
        case
            when people.expected_orders_12m is not null
                then least({{ ratio('people.expected_orders_12m * 30', '365', 16) }}, 1)
        end as p_30_days
    from {{ ref('int_customers_described') }} as people
    left join next_due
        on
            people.customer_id = next_due.customer_id
            and next_due.place = 1
    where
        people.is_valued
        and coalesce(people.next_order_window_starts_on, next_due.due_on) is not null

),

counted as (

    select
        expected.*,
        {{ days_between(as_of(), 'expected_from') }} as days_until_due,
        {{ days_between('expected_from', as_of()) }} as days_overdue,
        {{ days_between(as_of(), 'expected_next_order_on') }} as days_until_expected
    from expected

)

select
    counted.*,
    case when not is_from_model then category end as due_category,
    case
        when days_until_due < 0 then 'overdue'
        when days_until_due > {{ list_threshold('reorder_due', 'days_ahead') }}
            then case when is_from_model then 'window_ahead' else 'not_yet' end
        -- a rhythm of a few days would always be due, right after an order too
        when days_since_last < days_until_expected then 'just_bought'
    end as ineligible_code,
    p_30_days * order_margin as score,
    value_if_active_12m as tie_break_value,
    p_30_days * order_margin as value_at_stake,
    p_30_days as response_probability,
    case when is_from_model then 'window' else 'category_rhythm' end as reason_1_code,
    -- said already, where the last order is the last one of the category
    case when is_from_model or days_since_category <> days_since_last then 'last' end
        as reason_2_code,
    cast(null as {{ dbt.type_string() }}) as reason_3_code,
    case when is_from_model then 'remind' else 'remind_category' end as action_code
from counted
