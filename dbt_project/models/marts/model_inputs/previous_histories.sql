-- Scored by last night's model: histories as they were on that day, on this day, corrected, and as
-- they are now. Nobody's where there is no last night.
with previous_night as (

    select as_of from {{ ref('int_previous_night') }}

),

dated as (

    select
        before.purchase_days,
        before.first_purchase_on,
        before.last_purchase_on,
        previous_night.as_of
    from {{ ref('int_customer_value_inputs_before') }} as before
    cross join previous_night
    {%- for name in [
        'int_customer_value_inputs_before',
        'int_customer_value_inputs_corrected',
        'int_customer_value_inputs',
    ] %}
    union all
    select
        inputs.purchase_days,
        inputs.first_purchase_on,
        inputs.last_purchase_on,
        {{ as_of() }} as as_of
    from {{ ref(name) }} as inputs
    cross join previous_night
    where inputs.purchase_days > 0
    {%- endfor %}

)

select distinct
    purchase_days - 1 as frequency,
    {{ days_between('first_purchase_on', 'last_purchase_on') }} as recency_days,
    {{ days_between('first_purchase_on', 'as_of') }} as customer_age_days
from dated
