{{ config(
    enabled="make_it_right" in var("lists"),
    post_hook="{{ analyze() }}",
) }}
{%- set look_back_days = list_threshold('make_it_right', 'look_back_days') %}

-- What is unsolved, and what went wrong lately, case by case, with what has been done about it.

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
        {{ is_surely_after('apologies.last_apology_at', 'cases.resolved_at') }} as is_put_right
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

-- Whoever has a case that is not solved waits for it, and so does who has one of which nobody says
-- when it ended.
carried_on as (

    select
        cases.*,
        coalesce(cases.is_unsolved, false) or cases.resolved_on is null as is_waited_for,
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

),

troubles as (

    select
        carried_on.*,
        (is_breach or has_bad_csat or promise_kind is not null)
        and (is_waited_for or days_waiting <= {{ look_back_days }}) as has_let_down,
        case
            when is_waited_for then 'case_open'
            when is_put_right then 'already_apologised'
            when has_good_csat then 'scored_well_since'
        end as ineligible_code
    from carried_on
    where
        is_waited_for
        or is_breach
        or has_bad_csat
        or promise_kind is not null

)

select
    case_id,
    customer_id,
    kind,
    opened_on,
    reason,
    merged_into_case_id,
    is_waited_for as is_unsolved,
    has_let_down,
    ineligible_code,
    days_waiting,

    ---------- the reply
    is_breach,
    first_reply_minutes,
    promised_reply_minutes,
    reopened_count,

    ---------- another promise
    promise_kind,
    promised_on,
    late_minutes,
    ordered_on,

    ---------- what they said
    csat,
    csat_on,
    has_bad_csat
from troubles
