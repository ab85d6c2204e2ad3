with current_rows as (

    {{ current_version('house', 'surveys') }}

),

answerers as (

    {{ last_known('house', 'surveys', 'customer_id', 'current_rows') }}

)

select
    current_rows.survey_id,
    coalesce(current_rows.customer_id, answerers.customer_id) as customer_id,
    current_rows.case_id,
    current_rows.kind,
    current_rows.score,
    current_rows.answered_at
from current_rows
left join answerers on current_rows.survey_id = answerers.survey_id
