{{ config(tags=['oracle']) }}
-- The open spans of the history say of everybody what tonight's marts say, and of nobody else.
with tonight as (

    select
        customers.customer_id,
        customers.relationship_status,
        lifetime_values.value_tier,
        customers.consent_email_marketing
    from {{ ref('dim_customers') }} as customers
    left join {{ ref('customer_lifetime_values') }} as lifetime_values
        on customers.customer_id = lifetime_values.customer_id

),

history as (

    select
        customer_id,
        relationship_status,
        value_tier,
        consent_email_marketing
    from {{ ref('customer_history') }}
    where valid_to is null

),

only_tonight as (

    select * from tonight
    except
    select * from history

),

only_history as (

    select * from history
    except
    select * from tonight

)

select * from only_tonight
union all
select * from only_history
