with current_rows as (

    {{ current_version('house', 'fx_rates') }}

)

select
    date as rate_on,
    {{ upper_case('currency') }} as currency,
    rate
from current_rows
