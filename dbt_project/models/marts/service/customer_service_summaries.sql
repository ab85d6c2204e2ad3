{{ config(post_hook="{{ analyze() }}") }}

with cases as (

    select
        fct_service_cases.*,
        {{ days_between('opened_on', as_of()) }} as days_ago
    from {{ ref('fct_service_cases') }} as fct_service_cases
    where customer_id <> {{ unknown_customer() }}

),

surveys as (

    select * from {{ ref('int_surveys_known') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

contacts as (

    select
        customer_id,
        {% for days in [90, 365] -%}
        sum(case when days_ago < {{ days }} then 1 else 0 end) as service_contacts_{{ days }}d,
        sum(case when days_ago < {{ days }} and is_breach then 1 else 0 end)
            as breaches_{{ days }}d,
        sum(case when days_ago < {{ days }} then service_cost else 0 end)
            as service_cost_{{ days }}d,
        {% endfor -%}
        max(case when coalesce(is_unsolved, true) and kind = 'complaint' then 1 else 0 end) = 1
            as has_open_complaint,
        sum(case when is_open then 1 else 0 end) as open_cases
    from cases
    group by customer_id

),

csats as (

    select
        surveys.customer_id,
        surveys.score,
        surveys.answered_on,
        row_number() over (
            partition by surveys.customer_id
            order by
                surveys.answered_at desc nulls last,
                {{ text_order('surveys.survey_id') }} desc nulls last
        ) as place
    from surveys
    inner join customers on surveys.customer_id = customers.customer_id
    where
        surveys.kind = 'csat'
        and surveys.score is not null

),

satisfaction as (

    select
        customer_id,
        max(case when place = 1 then score end) as last_csat,
        max(case when place = 1 then answered_on end) as last_csat_on,
        max(case when score <= {{ var('bad_csat_score') }} then answered_on end) as last_bad_csat_on
    from csats
    group by customer_id

),

-- A year of reasons, by what the customer said or what we did to them.
moods as (

    select
        customer_id,
        reason,
        opened_on,
        case
            when csat <= {{ var('bad_csat_score') }} or nps <= 6 then 'unhappy'
            when csat >= 4 or nps >= 9 then 'happy'
            when kind = 'complaint' or is_breach then 'unhappy'
        end as mood
    from cases
    where
        reason is not null
        and days_ago < 365

),

reasons as (

    select
        moods.customer_id,
        moods.mood,
        moods.reason,
        row_number() over (
            partition by moods.customer_id, moods.mood
            order by
                count(*) desc nulls last,
                max(moods.opened_on) desc nulls last,
                {{ text_order('moods.reason') }} asc nulls last
        ) as place
    from moods
    where moods.mood is not null
    group by moods.customer_id, moods.mood, moods.reason

),

top_reasons as (

    select
        customer_id,
        max(case when mood = 'happy' then reason end) as top_reason_happy,
        max(case when mood = 'unhappy' then reason end) as top_reason_unhappy
    from reasons
    where place = 1
    group by customer_id

),

people as (

    select customer_id from contacts
    union
    select customer_id from satisfaction

),

final as (

    select
        people.customer_id,
        {% for days in [90, 365] -%}
        cast(coalesce(contacts.service_contacts_{{ days }}d, 0) as integer)
            as service_contacts_{{ days }}d,
        cast(coalesce(contacts.breaches_{{ days }}d, 0) as integer) as breaches_{{ days }}d,
        cast(coalesce(contacts.service_cost_{{ days }}d, 0) as numeric(14, 2))
            as service_cost_{{ days }}d,
        {% endfor -%}
        satisfaction.last_csat,
        satisfaction.last_csat_on,
        satisfaction.last_bad_csat_on,
        coalesce(contacts.has_open_complaint, false) as has_open_complaint,
        cast(coalesce(contacts.open_cases, 0) as integer) as open_cases,
        top_reasons.top_reason_happy,
        top_reasons.top_reason_unhappy
    from people
    left join contacts on people.customer_id = contacts.customer_id
    left join satisfaction on people.customer_id = satisfaction.customer_id
    left join top_reasons on people.customer_id = top_reasons.customer_id

)

select * from final
