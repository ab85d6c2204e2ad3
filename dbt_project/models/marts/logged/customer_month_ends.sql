{%- set month_end = add_days(month_start(add_days(as_of(), 1)), -1) %}

-- Everybody's value at the end of a month: on the first night published on or after its last day.
-- Publication logs these rows; on other nights there are none.
with nights as (

    select max(as_of) as previous_as_of
    from {{ source('decisions', 'effective_publications') }}
    where as_of < {{ as_of() }}

)

select
    {{ as_of() }} as as_of,
    {{ month_end }} as month_end,
    customer_values.customer_id,
    customer_values.net_clv_12m,
    customer_values.value_tier
from {{ ref('customer_lifetime_values') }} as customer_values
cross join nights
where {{ month_end }} = {{ as_of() }} or {{ month_end }} > nights.previous_as_of
