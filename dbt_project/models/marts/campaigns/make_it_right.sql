-- Everybody we let down lately, and who is owed an apology: one row a person, the worst case.

with worst as (

    select
        let_downs.*,
        others.other_cases,
        others.other_cases_count,
        case when others.other_cases_count > 0 then 'others' end as others_code,
        people.net_clv_12m,
        people.purchase_probability_12m,
        people.preferred_channel,
        case
            when people.preferred_channel = 'email' and people.has_email then 'write'
            when people.preferred_channel = 'post' and people.has_address then 'write'
            when people.has_phone then 'call'
            else 'write_without_number'
        end as how
    from {{ ref('int_worst_let_downs') }} as let_downs
    left join {{ ref('int_customers_described') }} as people
        on let_downs.customer_id = people.customer_id
    left join {{ ref('int_other_troubles') }} as others
        on let_downs.case_id = others.case_id

),

-- What went wrong in the order of its weight, the first two of it; then what else there is to know.
told as (

    select
        worst.*,
        coalesce(breach_code, promise_code, csat_code) as reason_1_code,
        coalesce(
            case when breach_code is not null then promise_code end,
            case when coalesce(breach_code, promise_code) is not null then csat_code end,
            reopened_code,
            others_code,
            'not_put_right'
        ) as reason_2_code
    from worst

)

select
    told.*,
    net_clv_12m as tie_break_value,
    net_clv_12m as value_at_stake,
    purchase_probability_12m as response_probability,
    case
        when reason_2_code = 'others' then 'not_put_right'
        when reason_2_code <> 'not_put_right' then coalesce(others_code, 'not_put_right')
    end as reason_3_code,
    how || case
        when is_breach or promise_kind is not null then '_about_the_wait'
        else ''
    end as action_code
from told
