-- Everybody we let down lately, and who is owed an apology: one row a person, the worst case.
{%- set look_back_days = list_threshold('make_it_right', 'look_back_days') %}
{#- Severity first, the most recent of equals: the days are a fraction, and below one. -#}
{%- set score %}
cast(
    severity
    + {{ ratio('coalesce(' ~ look_back_days ~ ' - days_waiting, 0)', look_back_days + 1, 16) }}
    as numeric(18, 6)
)
{%- endset %}

with worst_first as (

    select
        let_downs.*,
        {{ score }} as score,
        row_number() over (
            partition by customer_id
            order by
                case when ineligible_code is null then 0 else 1 end asc,
                {{ score }} desc nulls last,
                {{ text_order('case_id') }} asc nulls last
        ) as place
    from {{ ref('int_case_let_downs') }} as let_downs

),

worst as (

    select
        worst_first.*,
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
    from worst_first
    left join {{ ref('int_customers_described') }} as people
        on worst_first.customer_id = people.customer_id
    left join {{ ref('int_other_troubles') }} as others
        on worst_first.case_id = others.case_id
    where worst_first.place = 1

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
