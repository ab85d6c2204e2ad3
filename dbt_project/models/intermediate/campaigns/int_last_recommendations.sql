{{ config(enabled="ask_advocates" in var("lists"), materialized="view") }}

-- What each customer last said of recommending us (NPS).

with answers as (

    select
        customer_id,
        score as nps,
        answered_on as nps_on,
        row_number() over (
            partition by customer_id
            order by answered_at desc nulls last, {{ text_order('survey_id') }} desc nulls last
        ) as place
    from {{ ref('int_surveys_known') }}
    where
        kind = 'nps'
        and score is not null

)

select
    customer_id,
    nps,
    nps_on
from answers
where place = 1
