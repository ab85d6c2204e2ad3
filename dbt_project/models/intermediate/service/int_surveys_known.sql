{{ config(materialized="view") }}

-- Answers given by the end of the night's date; the latest of a kind per case comes first. One that
-- names nobody is of whoever had the case it names.
with surveys as (

    {{ union_systems('surveys') }}

),

cases as (

    select
        case_id,
        customer_id
    from {{ ref('int_cases_unioned') }}

)

select
    surveys.survey_id,
    coalesce(surveys.customer_id, cases.customer_id) as customer_id,
    surveys.case_id,
    surveys.kind,
    surveys.score,
    surveys.answered_at,
    {{ local_date('surveys.answered_at') }} as answered_on,
    row_number() over (
        partition by surveys.case_id, surveys.kind
        order by
            surveys.answered_at desc nulls last,
            {{ text_order('surveys.survey_id') }} desc nulls last
    ) as place_in_case
from surveys
left join cases
    on
        surveys.customer_id is null
        and surveys.case_id = cases.case_id
where surveys.answered_at < {{ as_of_end() }}
