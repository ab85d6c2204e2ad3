with current_rows as (

    {{ current_version('house', 'marketing_spend') }}

)

select
    month,
    channel,
    amount,
    currency
from current_rows
