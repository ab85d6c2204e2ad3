-- People with the same trouble again, or who wrote twice and have no answer yet.
{%- set look_back_days = list_threshold('service_call', 'look_back_days') %}
{%- set fewest = list_threshold('service_call', 'fewest') %}

with reports as (

    select
        cases.*,
        cases.kind in ('repair', 'warranty_claim') as is_fault,
        cases.is_open and cases.first_reply_minutes is null as is_unanswered
    from {{ ref('fct_service_cases') }} as cases
    where
        cases.customer_id <> {{ unknown_customer() }}
        and cases.merged_into_case_id is null
        and {{ days_between('cases.opened_on', as_of()) }} < {{ look_back_days }}

),

latest_first as (

    select
        reports.*,
        row_number() over (
            partition by customer_id
            order by opened_on desc nulls last, {{ text_order('case_id') }} desc nulls last
        ) as place
    from reports
    where is_fault or is_unanswered

),

people as (

    select
        customer_id,
        sum(case when is_fault then 1 else 0 end) as faults,
        sum(case when is_unanswered then 1 else 0 end) as unanswered,
        count(*) as reports,
        max(case when is_fault then opened_on end) as last_fault_on,
        min(case when is_unanswered then opened_on end) as waiting_since,
        max(opened_on) as last_opened_on,
        max(case when place = 1 then case_id end) as case_id
    from latest_first
    group by customer_id

),

known as (

    select
        people.*,
        {{ days_between('people.last_fault_on', as_of()) }} as days_since_fault,
        {{ days_between('people.last_opened_on', as_of()) }} as days_since_opened,
        contacts.last_contact_on as called_on,
        -- all that is open, whatever it is about: whoever calls is asked about each
        coalesce(services.open_cases, 0) as open_cases,
        customer_values.net_clv_12m,
        customer_values.purchase_probability_12m
    from people
    left join {{ ref('int_list_contacts') }} as contacts
        on
            people.customer_id = contacts.customer_id
            and contacts.list_code = 'service_call'
    left join {{ ref('customer_service_summaries') }} as services
        on people.customer_id = services.customer_id
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on people.customer_id = customer_values.customer_id

),

candidates as (

    select
        customer_id,
        case
            when called_on >= last_opened_on then 'called'
            when faults < {{ fewest }} and unanswered < {{ fewest }} then 'only_once'
        end as ineligible_code,
        -- how many, then the most recent: the days are a fraction, and below one
        faults + unanswered
        + {{ ratio(look_back_days ~ ' - days_since_opened', look_back_days + 1, 16) }} as score,
        net_clv_12m as tie_break_value,
        net_clv_12m as value_at_stake,
        purchase_probability_12m as response_probability,
        case when faults >= {{ fewest }} then 'faults' else 'waits' end as reason_1_code,
        case
            when faults >= {{ fewest }} and unanswered > 0 then 'waits'
            when open_cases > 0 then 'still_open'
        end as reason_2_code,
        cast(null as {{ dbt.type_string() }}) as reason_3_code,
        case when faults >= {{ fewest }} then 'call_about_faults' else 'call_to_answer' end
            as action_code,
        case_id,

        ---------- facts of the sentences
        faults,
        unanswered,
        reports,
        open_cases,
        days_since_fault,
        waiting_since,
        called_on,
        {{ look_back_days }} as look_back_days
    from known

)

select * from candidates
