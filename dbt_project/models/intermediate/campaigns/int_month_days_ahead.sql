{{ config(enabled="birthday_anniversary" in var("lists"), materialized="view") }}

-- The month-days of tonight and the days ahead, and when each is kept: in a year without it, 29
-- February on the 28th.

with coming_days as (

    {% for days in range(list_threshold('birthday_anniversary', 'days_ahead') + 1) -%}
    select {{ add_days(as_of(), days) }} as kept_on
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    kept_on,
    {{ month_day('kept_on') }} as month_day
from coming_days
union all
select
    kept_on,
    '02-29' as month_day
from coming_days
where
    {{ month_day('kept_on') }} = '02-28'
    and {{ month_day(add_days('kept_on', 1)) }} = '03-01'
