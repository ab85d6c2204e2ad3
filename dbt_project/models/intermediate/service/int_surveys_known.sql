{{ config(materialized="view") }}

-- Answers given by the end of the night's date; the latest of a kind per case comes first.
with surveys as (

    {{ union_systems('surveys') }}

)

select
    surveys.survey_id,
    surveys.customer_id,
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
where surveys.answered_at < {{ as_of_end() }}
