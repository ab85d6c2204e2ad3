-- Customers whose next order is about to be due, by the model or by their rhythm in a category.

with judged as (

    select
        expected.*,
        case
            when days_until_due < 0 then 'overdue'
            when days_until_due > {{ list_threshold('reorder_due', 'days_ahead') }}
                then case when due_category is null then 'window_ahead' else 'not_yet' end
            -- a rhythm of a few days would always be due, right after an order too
            when days_since_last < days_until_expected then 'just_bought'
        end as ineligible_code
    from {{ ref('int_next_orders') }} as expected

),

-- what is due, a category before an order of anything; else what is not past, the nearest first
nearest as (

    select
        judged.*,
        row_number() over (
            partition by customer_id
            order by
                case when ineligible_code is null then 0 else 1 end asc,
                case when ineligible_code is null and due_category is null then 1 else 0 end asc,
                case when days_until_due >= 0 then 0 else 1 end asc,
                abs(days_until_due) asc nulls last,
                {{ text_order('due_category') }} asc nulls last
        ) as place
    from judged

)

select
    nearest.*,
    p_30_days * order_margin as score,
    value_if_active_12m as tie_break_value,
    p_30_days * order_margin as value_at_stake,
    p_30_days as response_probability,
    case when due_category is null then 'window' else 'category_rhythm' end as reason_1_code,
    -- said already, where the last order is the last one of the category
    case when due_category is null or days_since_category <> days_since_last then 'last' end
        as reason_2_code,
    cast(null as {{ dbt.type_string() }}) as reason_3_code,
    case when due_category is null then 'remind' else 'remind_category' end as action_code
from nearest
where place = 1
