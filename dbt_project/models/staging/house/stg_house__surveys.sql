with current_rows as (

    {{ current_version('house', 'surveys') }}

)

select
    survey_id,
    customer_id,
    case_id,
    kind,
    score,
    answered_at
from current_rows
