-- Everybody we let down lately, and who is owed an apology: one row a person, the worst case.
{%- set look_back_days = list_threshold('make_it_right', 'look_back_days') %}

-- One point for a reply promise broken, one more if it took over twice as long; one for another
-- promise; one for a bad score, one more for the lowest; one for each time it had to be opened
-- again, two at most.
with let_down as (

    select
        troubles.*,
        case when is_breach then 1 else 0 end
        + case
            when is_breach and first_reply_minutes > 2 * promised_reply_minutes then 1
            else 0
        end
        + case when promise_kind is not null then 1 else 0 end
        + case when has_bad_csat then 1 else 0 end
        + case when has_bad_csat and csat <= 1 then 1 else 0 end
        + least(coalesce(reopened_count, 0), 2) as severity
    from {{ ref('int_case_troubles') }} as troubles
    where has_let_down

),

-- Severity first, the most recent of equals: the days are a fraction, and below one.
scored as (

    select
        let_down.*,
        cast(
            severity
            + {{ ratio(
                'coalesce(' ~ look_back_days ~ ' - days_waiting, 0)', look_back_days + 1, 16
            ) }}
            as numeric(18, 6)
        ) as score
    from let_down

),

worst_first as (

    select
        scored.*,
        row_number() over (
            partition by customer_id
            order by
                case when ineligible_code is null then 0 else 1 end asc,
                score desc nulls last,
                {{ text_order('case_id') }} asc nulls last
        ) as place
    from scored

),

-- What else somebody who calls should know of: what is unsolved, and what went wrong besides.
others as (

    select
        worst_first.customer_id,
        cast(count(*) as integer) as other_cases_count,
        {{ dbt.listagg(
            'troubles.case_id', "', '", 'order by ' ~ text_order('troubles.case_id')
        ) }} as other_cases
    from worst_first
    inner join {{ ref('int_case_troubles') }} as troubles
        on
            worst_first.customer_id = troubles.customer_id
            and worst_first.case_id <> troubles.case_id
    where
        worst_first.place = 1
        and (
            (troubles.is_unsolved and troubles.merged_into_case_id is null)
            or (troubles.has_let_down and troubles.ineligible_code is null)
        )
    group by worst_first.customer_id

),

worst as (

    select
        worst_first.*,
        cast(worst_first.late_minutes / 1440.0 as integer) as days_late,
        others.other_cases,
        others.other_cases_count,
        people.net_clv_12m,
        people.purchase_probability_12m,
        people.preferred_channel,
        case
            when people.preferred_channel = 'email' and people.has_email then 'write'
            when people.preferred_channel = 'post' and people.has_address then 'write'
            when people.has_phone then 'call'
            else 'write_without_number'
        end as how,
        case
            when worst_first.is_breach and worst_first.first_reply_minutes is null
                then 'closed_without_answer'
            when worst_first.is_breach then 'answered_late'
        end as breach_code,
        case
            when worst_first.promise_kind = 'repair' and worst_first.late_minutes is not null
                then 'repaired_late'
            when worst_first.promise_kind = 'repair' then 'not_repaired'
            when worst_first.promise_kind = 'call_back' then 'not_called_back'
            when worst_first.late_minutes is not null then 'delivered_late'
            when worst_first.promise_kind = 'delivery' then 'not_delivered'
        end as promise_code,
        case when worst_first.has_bad_csat then 'bad_score' end as csat_code,
        case when worst_first.reopened_count > 0 then 'opened_again' end as reopened_code,
        case when others.other_cases_count > 0 then 'others' end as others_code
    from worst_first
    left join {{ ref('int_customers_described') }} as people
        on worst_first.customer_id = people.customer_id
    left join others
        on worst_first.customer_id = others.customer_id
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
