-- Everybody we let down lately, and who is owed an apology: one row a person, the worst case.

with rules as (

    select * from {{ ref('campaign_rules') }}

),

apologies as (

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
    cross join rules
    left join apologies
        on cases.customer_id = apologies.customer_id
    where
        (cases.is_breach or cases.csat <= {{ var('bad_csat_score') }})
        and {{ days_between('coalesce(cases.resolved_on, cases.opened_on)', as_of()) }}
        <= rules.look_back_days

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
        case
            when customers.has_phone then 'Call, say sorry'
            else 'Write in person (there is no usable number), say sorry'
        end as apology,
        'the ' || case worst_first.kind
            when 'warranty_claim' then 'warranty claim'
            when 'trade_in' then 'trade-in'
            else worst_first.kind
        end || ' of ' || {{ day_in_words('worst_first.opened_on') }} as the_case
    from worst_first
    left join {{ ref('dim_customers') }} as customers
        on worst_first.customer_id = customers.customer_id
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on worst_first.customer_id = customer_values.customer_id
    where worst_first.place = 1

),

sentences as (

    select
        worst.*,
        case
            when is_breach and first_reply_minutes is null
                then
                    the_case || ' was closed without an answer; '
                    || coalesce({{ duration_in_words('promised_reply_minutes') }}, 'an answer')
                    || ' were promised'
            when is_breach
                then
                    the_case || ' took ' || {{ duration_in_words('first_reply_minutes') }}
                    || ' to answer; '
                    || coalesce({{ duration_in_words('promised_reply_minutes') }}, 'less')
                    || ' were promised'
        end as breach_sentence,
        case
            when has_bad_csat
                then
                    'scored ' || {{ text_of('csat') }} || ' out of 5 for ' || the_case
        end as csat_sentence,
        case
            when reopened_count = 1 then 'it had to be opened again'
            when reopened_count > 1
                then
                    'it had to be opened again ' || {{ text_of('reopened_count') }} || ' times'
        end as reopened_sentence,
        'resolved ' || {{ counted('days_waiting', 'day') }}
        || ' ago, and nobody has apologised yet' as waiting_sentence
    from worst

),

candidates as (

    select
        'make_it_right' as list_code,
        customer_id,
        ineligible_code,
        case ineligible_code
            when 'case_open' then the_case || ' is still open: solve it first'
            when 'already_apologised' then 'somebody has already said sorry for ' || the_case
        end as ineligible_reason,
        score,
        cast(net_clv_12m as numeric(18, 6)) as tie_break_value,
        cast(net_clv_12m as numeric(18, 6)) as value_at_stake,
        coalesce(breach_sentence, csat_sentence) as reason_1,
        coalesce(
            case when breach_sentence is not null then csat_sentence end,
            reopened_sentence,
            waiting_sentence
        ) as reason_2,
        case
            when
                (breach_sentence is not null and csat_sentence is not null)
                or reopened_sentence is not null
                then waiting_sentence
        end as reason_3,
        case
            when is_breach
                then apology || ' for the wait, and ask what would put it right'
            else apology || ', and ask what would have made it right'
        end as suggested_action,
        case_id,
        cast(first_reply_minutes as integer) as first_reply_minutes,
        is_breach,
        cast(csat as integer) as csat,
        reason
    from sentences

)

select * from candidates
