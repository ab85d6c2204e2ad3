select
    customer_id,
    language,
    country,
    timezone,
    {{ month_day('birth_date') }} as birth_month_day,
    {{ month_day('anniversary') }} as anniversary_month_day,
    preferred_channel,
    is_staff,
    created_at
from {{ ref('base_house__customers') }}
