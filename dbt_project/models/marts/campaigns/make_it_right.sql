-- Everybody we let down lately, and who is owed an apology: one row a person, the worst case.
{%- set look_back_days = list_threshold('make_it_right', 'look_back_days') %}

with apologies as (

    select
        customer_id,
        max(sent_at) as last_apology_at
    from {{ ref('fct_campaign_contacts') }}
    where
        list_code = 'make_it_right'
        and outcome <> 'bounced'
    group by customer_id

),

cases as (

    select
        cases.*,
        {{ local_date('cases.resolved_at') }} as resolved_on,
        coalesce(cases.csat <= {{ var('bad_csat_score') }}, false) as has_bad_csat,
        coalesce(cases.csat >= {{ list_threshold('make_it_right', 'good_score') }}, false)
            as has_good_csat,
        coalesce(apologies.last_apology_at > cases.resolved_at, false) as is_put_right
    from {{ ref('fct_service_cases') }} as cases
    left join apologies
        on cases.customer_id = apologies.customer_id
    where cases.customer_id <> {{ unknown_customer() }}

),

-- What else was promised and broken: the repair or the call back of a case, the delivery of the
-- order it is about. What is the customer's own fault is nothing to be sorry for.
broken_promises as (

    select
        case_id,
        cast(null as {{ dbt.type_string() }}) as order_id,
        kind,
        {{ local_date('due_at') }} as promised_on,
        late_minutes
    from {{ ref('fct_promises') }}
    where
        is_broken
        and fault_of <> 'customer'
        and kind in ('call_back', 'repair')
    union all
    select
        cases.case_id,
        cases.order_id,
        promises.kind,
        {{ add_days(local_date('promises.due_at'), -1) }} as promised_on,
        promises.late_minutes
    from {{ ref('fct_promises') }} as promises
    inner join cases
        on
            promises.order_id = cases.order_id
            and promises.customer_id = cases.customer_id
    where
        promises.is_broken
        and promises.fault_of <> 'customer'
        and promises.kind = 'delivery'
        and cases.opened_on
        <= {{ add_days(local_date('promises.due_at'), look_back_days) }}

),

worst_promises as (

    select
        broken_promises.*,
        orders.ordered_on,
        row_number() over (
            partition by broken_promises.case_id
            order by
                case broken_promises.kind
                    when 'delivery' then 1
                    when 'repair' then 2
                    else 3
                end asc nulls last
        ) as place
    from broken_promises
    left join {{ ref('fct_orders') }} as orders on broken_promises.order_id = orders.order_id

),

-- A case that was merged is as open as the one that carries on in its place.
carried_on as (

    select
        cases.*,
        cases.is_open or cases.resolved_on is null or coalesce(successors.is_open, false)
            as is_unsolved,
        {{ days_between('cases.resolved_on', as_of()) }} as days_waiting,
        worst_promises.kind as promise_kind,
        worst_promises.promised_on,
        worst_promises.late_minutes,
        worst_promises.ordered_on
    from cases
    left join worst_promises
        on
            cases.case_id = worst_promises.case_id
            and worst_promises.place = 1
    left join {{ ref('fct_service_cases') }} as successors
        on
            cases.merged_into_case_id = successors.case_id
            and cases.customer_id = successors.customer_id

),

-- One point for a reply promise broken, one more if it took over twice as long; one for another
-- promise; one for a bad score, one more for the lowest; one for each time it had to be opened
-- again, two at most.
let_down as (

    select
        carried_on.*,
        case when is_breach then 1 else 0 end
        + case
            when is_breach and first_reply_minutes > 2 * promised_reply_minutes then 1
            else 0
        end
        + case when promise_kind is not null then 1 else 0 end
        + case when has_bad_csat then 1 else 0 end
        + case when has_bad_csat and csat <= 1 then 1 else 0 end
        + least(coalesce(reopened_count, 0), 2) as severity,
        case
            when is_unsolved then 'case_open'
            when is_put_right then 'already_apologised'
            when has_good_csat then 'scored_well_since'
        end as ineligible_code
    from carried_on
    where
        (is_breach or has_bad_csat or promise_kind is not null)
        and (is_unsolved or days_waiting <= {{ look_back_days }})

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
            'carried_on.case_id', "', '", 'order by ' ~ text_order('carried_on.case_id')
        ) }} as other_cases
    from worst_first
    inner join carried_on
        on
            worst_first.customer_id = carried_on.customer_id
            and worst_first.case_id <> carried_on.case_id
    left join scored
        on carried_on.case_id = scored.case_id
    where
        worst_first.place = 1
        and (
            (carried_on.is_unsolved and carried_on.merged_into_case_id is null)
            or (scored.case_id is not null and scored.ineligible_code is null)
        )
    group by worst_first.customer_id

),

worst as (

    select
        worst_first.*,
        others.other_cases,
        others.other_cases_count,
        customer_values.net_clv_12m,
        customer_values.purchase_probability_12m,
        customers.preferred_channel,
        case
            when customers.preferred_channel = 'email' and customers.has_email then 'write'
            when customers.preferred_channel = 'post' then 'write'
            when customers.has_phone then 'call'
            else 'write_without_number'
        end as how,
        case
            when worst_first.is_breach and worst_first.first_reply_minutes is null
                then 'closed_without_answer'
            when worst_first.is_breach then 'answered_late'
        end as breach_code,
        case
            when worst_first.promise_kind = 'repair' then 'repaired_late'
            when worst_first.promise_kind = 'call_back' then 'not_called_back'
            when worst_first.late_minutes is not null then 'delivered_late'
            when worst_first.promise_kind = 'delivery' then 'not_delivered'
        end as promise_code,
        case when worst_first.has_bad_csat then 'bad_score' end as csat_code,
        case when worst_first.reopened_count > 0 then 'opened_again' end as reopened_code,
        case when others.other_cases_count > 0 then 'others' end as others_code
    from worst_first
    left join {{ ref('dim_customers') }} as customers
        on worst_first.customer_id = customers.customer_id
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on worst_first.customer_id = customer_values.customer_id
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

),

candidates as (

    select
        customer_id,
        ineligible_code,
        score,
        net_clv_12m as tie_break_value,
        net_clv_12m as value_at_stake,
        purchase_probability_12m as response_probability,
        reason_1_code,
        reason_2_code,
        case
            when reason_2_code = 'others' then 'not_put_right'
            when reason_2_code <> 'not_put_right' then coalesce(others_code, 'not_put_right')
        end as reason_3_code,
        how || case
            when is_breach or promise_kind is not null then '_about_the_wait'
            else ''
        end as action_code,

        ---------- own columns
        case_id,
        first_reply_minutes,
        is_breach,
        csat,
        csat_on,
        reason,
        other_cases,

        ---------- facts of the sentences
        kind,
        opened_on,
        promised_reply_minutes,
        reopened_count,
        days_waiting,
        other_cases_count,
        preferred_channel,
        promised_on,
        late_minutes,
        ordered_on
    from told

)

select * from candidates
