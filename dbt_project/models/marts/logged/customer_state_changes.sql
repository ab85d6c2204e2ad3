-- Who stands otherwise tonight than before, and who is no longer known. Publication logs these
-- rows: the next night's tiers and tomorrow's history start from them.

with tonight as (

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
        rfm.rfm_group,
        rfm.rfm_group_since,
        customers.consent_email_marketing,
        customers.consent_phone_marketing,
        customers.consent_post_marketing,
        customers.consent_ads
    from {{ ref('dim_customers') }} as customers
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on customers.customer_id = customer_values.customer_id
    left join {{ ref('customer_rfm') }} as rfm on customers.customer_id = rfm.customer_id
    left join {{ ref('int_customer_states_before') }} as before
        on customers.customer_id = before.customer_id

)

{{ changes_to_log(
    ref('int_customer_states_before'), 'tonight', customer_state_columns()
) }}
