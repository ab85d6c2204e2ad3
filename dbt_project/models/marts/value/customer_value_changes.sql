{%- set money = 'numeric(14, 2)' %}
{%- set steps = ['before'] + bridge_parts()[:-1] %}

with previous_night as (

    select as_of from {{ ref('int_previous_night') }}

),

-- A step at which nothing changed is as the one before it; before the first purchase nothing is.
filled as (

    select
        stepped.customer_id,
        previous_night.as_of as previous_as_of,
        stepped.value_before is null as is_new,
        {%- for step in steps %}
        coalesce(
            {%- for earlier in steps[:loop.index] | reverse %}
            stepped.value_{{ earlier }},
            {%- endfor %}
            0
        ) as value_{{ step }},
        {%- endfor %}
        coalesce(values_now.net_clv_12m, 0) as value_assumptions,
        values_now.value_tier,
        states.value_tier as value_tier_before
    from {{ ref('int_customer_value_steps') }} as stepped
    cross join previous_night
    left join {{ ref('customer_lifetime_values') }} as values_now
        on stepped.customer_id = values_now.customer_id
    left join {{ ref('int_customer_states_before') }} as states
        on stepped.customer_id = states.customer_id

),

settings as (

    select count(*) > 0 as have_changed
    from {{ ref('int_changed_assumptions') }}
    where term = 'assumption'

),

-- On a night whose assumptions are last night's, what is left after the averages is the model's.
told as (

    select
        filled.customer_id,
        filled.previous_as_of,
        filled.is_new,
        filled.value_before,
        {%- for part in bridge_parts()[:-2] %}
        filled.value_{{ part }},
        {%- endfor %}
        case
            when settings.have_changed then filled.value_model
            else filled.value_assumptions
        end as value_model,
        filled.value_assumptions,
        filled.value_tier,
        filled.value_tier_before
    from filled
    cross join settings

)

select
    customer_id,
    previous_as_of,
    is_new,

    ---------- from last night's value to tonight's
    cast(value_before as {{ money }}) as value_before,
    {%- for part in bridge_parts() %}
    {%- set earlier = (['before'] + bridge_parts())[loop.index0] %}
    cast(value_{{ part }} - value_{{ earlier }} as {{ money }}) as {{ part }}_amount,
    {%- endfor %}
    cast(value_assumptions as {{ money }}) as value_now,

    ---------- where they stand
    value_tier_before,
    value_tier
from told
