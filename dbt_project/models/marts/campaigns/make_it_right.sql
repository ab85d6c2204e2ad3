-- Everybody we let down lately, and who is owed an apology: one row a person, the worst case.

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
        {{ local_date('cases.resolved_at') }} as resolved_on
    from {{ ref('fct_service_cases') }} as cases
    where cases.customer_id <> {{ unknown_customer() }}

),

let_down as (

    select
        cases.*,
        coalesce(cases.csat <= {{ var('bad_csat_score') }}, false) as has_bad_csat,
        coalesce(apologies.last_apology_at > cases.resolved_at, false) as is_put_right,
        {{ days_between('cases.resolved_on', as_of()) }} as days_waiting
    from cases
    left join apologies
        on cases.customer_id = apologies.customer_id
    where
        (cases.is_breach or cases.csat <= {{ var('bad_csat_score') }})
        and {{ days_between('coalesce(cases.resolved_on, cases.opened_on)', as_of()) }}
        <= {{ list_threshold('make_it_right', 'look_back_days') }}

),

-- One point for a broken promise, one more if it took over twice as long; one for a bad score,
-- one more for the lowest; one for each time it had to be opened again, two at most.
weighed as (

    select
        let_down.*,
        case when is_breach then 1 else 0 end
        + case
            when is_breach and first_reply_minutes > 2 * promised_reply_minutes then 1
            else 0
        end
        + case when has_bad_csat then 1 else 0 end
        + case when has_bad_csat and csat <= 1 then 1 else 0 end
        + least(coalesce(reopened_count, 0), 2) as severity,
        case
            when is_open or resolved_on is null then 'case_open'
            when is_put_right then 'already_apologised'
        end as ineligible_code
    from let_down

),

scored as (

    select
        weighed.*,
        cast(severity * greatest(days_waiting, 1) as numeric(18, 6)) as score
    from weighed

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

worst as (

    select
        worst_first.*,
        customer_values.net_clv_12m,
        customer_values.purchase_probability_12m,
        customers.has_phone,
        case
            when worst_first.is_breach and worst_first.first_reply_minutes is null
                then 'closed_without_answer'
            when worst_first.is_breach then 'answered_late'
        end as breach_code,
        case when worst_first.has_bad_csat then 'bad_score' end as csat_code,
        case when worst_first.reopened_count > 0 then 'opened_again' end as reopened_code
    from worst_first
    left join {{ ref('dim_customers') }} as customers
        on worst_first.customer_id = customers.customer_id
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on worst_first.customer_id = customer_values.customer_id
    where worst_first.place = 1

),

candidates as (

    select
        customer_id,
        ineligible_code,
        score,
        net_clv_12m as tie_break_value,
        net_clv_12m as value_at_stake,
        purchase_probability_12m as response_probability,
        coalesce(breach_code, csat_code) as reason_1_code,
        coalesce(
            case when breach_code is not null then csat_code end,
            reopened_code,
            'not_put_right'
        ) as reason_2_code,
        case
            when
                (breach_code is not null and csat_code is not null)
                or reopened_code is not null
                then 'not_put_right'
        end as reason_3_code,
        case
            when has_phone and is_breach then 'call_about_the_wait'
            when is_breach then 'write_about_the_wait'
            when has_phone then 'call'
            else 'write'
        end as action_code,

        ---------- own columns
        case_id,
        first_reply_minutes,
        is_breach,
        csat,
        reason,

        ---------- facts of the sentences
        kind,
        opened_on,
        promised_reply_minutes,
        reopened_count,
        days_waiting
    from worst

)

select * from candidates
