-- People with the same trouble again, or who wrote twice and have no answer yet.
{%- set look_back_days = list_threshold('service_call', 'look_back_days') %}
{%- set fewest = list_threshold('service_call', 'fewest') %}
{%- set days_since_opened = days_between('reporters.last_opened_on', as_of()) %}

with reporters as (

    select
        customer_id,
        sum(case when is_fault then 1 else 0 end) as faults,
        sum(case when is_unanswered then 1 else 0 end) as unanswered,
        count(*) as reports,
        {{ days_between('max(case when is_fault then opened_on end)', as_of()) }}
            as days_since_fault,
        min(case when is_unanswered then opened_on end) as waiting_since,
        max(opened_on) as last_opened_on,
        max(opened_at) as last_opened_at,
        max(case when place = 1 then case_id end) as case_id
    from {{ ref('int_service_reports') }}
    group by customer_id

)

select
    reporters.*,
    {{ days_since_opened }} as days_since_opened,
    {{ look_back_days }} as look_back_days,
    contacts.last_contact_on as called_on,
    -- all that is open, whatever it is about: whoever calls is asked about each
    coalesce(people.open_cases, 0) as open_cases,
    case
        when {{ is_surely_after('contacts.last_contact_at', 'reporters.last_opened_at') }}
            then 'called'
        when reporters.faults < {{ fewest }} and reporters.unanswered < {{ fewest }}
            then 'only_once'
    end as ineligible_code,
    -- how many, each once; then the most recent: the days are a fraction, and below one
    reporters.reports
    + {{ ratio(look_back_days ~ ' - ' ~ days_since_opened, look_back_days + 1, 16) }} as score,
    people.net_clv_12m as tie_break_value,
    people.net_clv_12m as value_at_stake,
    people.purchase_probability_12m as response_probability,
    case when reporters.faults >= {{ fewest }} then 'faults' else 'waits' end as reason_1_code,
    case
        when reporters.faults >= {{ fewest }} and reporters.unanswered > 0 then 'waits'
        when people.open_cases > 0 then 'still_open'
    end as reason_2_code,
    cast(null as {{ dbt.type_string() }}) as reason_3_code,
    case when reporters.faults >= {{ fewest }} then 'call_about_faults' else 'call_to_answer' end
        as action_code
from reporters
left join {{ last_contacts('service_call') }} as contacts
    on reporters.customer_id = contacts.customer_id
left join {{ ref('int_customers_described') }} as people
    on reporters.customer_id = people.customer_id
