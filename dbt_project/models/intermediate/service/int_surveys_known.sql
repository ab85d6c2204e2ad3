{{ config(post_hook="{{ analyze(['customer_id', 'case_id']) }}") }}

-- Answers given by the end of the night's date; the latest score of a kind per case comes first:
-- a comment alone takes none back. One that names nobody, or nobody that is known, is of whoever
-- had the case it names, if that is somebody.
with surveys as (

    {{ union_systems('surveys') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

askers as (

    select
        cases.case_id,
        cases.customer_id
    from {{ ref('int_cases_unioned') }} as cases
    inner join customers on cases.customer_id = customers.customer_id

)

select
    surveys.survey_id,
    coalesce(customers.customer_id, askers.customer_id, surveys.customer_id) as customer_id,
    surveys.customer_id as said_customer_id,
    surveys.case_id,
    surveys.kind,
    surveys.score,
    surveys.answered_at,
    {{ local_date('surveys.answered_at') }} as answered_on,
    row_number() over (
        partition by surveys.case_id, surveys.kind
        order by
            case when surveys.score is null then 1 else 0 end asc nulls last,
            surveys.answered_at desc nulls last,
            {{ text_order('surveys.survey_id') }} desc nulls last
    ) as place_in_case
from surveys
left join customers on surveys.customer_id = customers.customer_id
left join askers on surveys.case_id = askers.case_id
where surveys.answered_at < {{ as_of_end() }}
