-- Who stands otherwise tonight than before, and who is no longer known. Publication logs these
-- rows: the next night's tiers and tomorrow's history start from them.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

customer_values as (

    select * from {{ ref('customer_lifetime_values') }}

),

before as (

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
        customers.consent_ads
    from customers
    left join customer_values on customers.customer_id = customer_values.customer_id
    left join before on customers.customer_id = before.customer_id

),

-- unlike a comparison by columns, except takes nulls for equal
changed as (

    select
        customer_id,
        {{ customer_state_columns() | join(',\n        ') }}
    from tonight
    except
    select
        customer_id,
        {{ customer_state_columns() | join(',\n        ') }}
    from before

),

gone as (

    select before.*
    from before
    left join tonight on before.customer_id = tonight.customer_id
    where tonight.customer_id is null

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
