-- Who stands otherwise tonight than before, and who is no longer known. Publication logs these
-- rows: the next night's tiers and tomorrow's history start from them.

with before as (

    select * from {{ ref('int_customer_states_before') }}

),

tonight as (

    select
        customers.customer_id,
        cast(customers.relationship_status as {{ dbt.type_string() }}) as relationship_status,
        customer_values.lifecycle_status,
        customer_values.value_tier,
        case
            when
                {{ is_better_tier(
                    'customer_values.value_tier', 'customer_values.value_tier_tonight'
                ) }}
                then coalesce(before.tier_below_since, {{ as_of() }})
        end as tier_below_since,
        customers.consent_email_marketing,
        customers.consent_phone_marketing,
        customers.consent_post_marketing,
        customers.consent_ads,
        {%- for column in customer_state_columns() %}
        before.{{ column }} as {{ column }}_before,
        {%- endfor %}
        before.customer_id is null as is_new
    from {{ ref('dim_customers') }} as customers
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on customers.customer_id = customer_values.customer_id
    left join before on customers.customer_id = before.customer_id

),

changed as (

    select
        customer_id,
        {{ customer_state_columns() | join(',\n        ') }}
    from tonight
    where
        is_new
        {%- for column in customer_state_columns() %}
        or {{ column }} is distinct from {{ column }}_before
        {%- endfor %}

),

gone as (

    select before.*
    from {{ ref('int_customer_states_before') }} as before
    left join {{ ref('dim_customers') }} as customers
        on before.customer_id = customers.customer_id
    where customers.customer_id is null

),

changes as (

    select
        true as is_known,
        changed.*
    from changed
    union all
    select
        false as is_known,
        gone.*
    from gone

)

select
    {{ as_of() }} as as_of,
    customer_id,
    is_known,
    {{ customer_state_columns() | join(',\n    ') }}
from changes
