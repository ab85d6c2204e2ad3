{{ config(
    schema="pii",
    materialized="table",
    post_hook="{{ analyze(['list_code', 'arm', 'customer_id']) }}",
    indexes=[{"columns": ["list_code"]}],
) }}

-- The rows of list files, contact data included; hold-outs too, which the export leaves out.

with members as (

    select * from {{ ref('list_members') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

customer_values as (

    select * from {{ ref('customer_lifetime_values') }}

),

contacts as (

    select
        contacts.customer_id,
        contacts.first_name,
        reach.email,
        reach.phone_e164
    from {{ ref('customer_contacts') }} as contacts
    inner join {{ ref('customer_reach') }} as reach
        on contacts.customer_id = reach.customer_id

),

household_contacts as (

    select * from {{ ref('int_household_contacts') }}

),

file_rows as (

    select
        members.list_code,
        members.list_version,
        members.as_of,
        members.customer_id,
        members.household_id,
        contacts.email,
        contacts.phone_e164,
        contacts.first_name,
        customers.language,
        customers.timezone,
        customers.preferred_channel,
        customers.relationship_status,
        customer_values.value_tier,
        cast(customer_values.net_clv_12m as numeric(14, 2)) as net_clv_12m,
        customer_values.value_given_purchase_p10 as value_p10,
        customer_values.value_given_purchase_p90 as value_p90,
        cast(customer_values.churn_probability_12m as numeric(6, 4))
            as churn_probability_12m,
        cast(customer_values.value_at_risk as numeric(14, 2)) as value_at_risk,
        members.rank,
        members.reason_1,
        members.reason_2,
        members.reason_3,
        members.suggested_action,
        members.offer_ceiling,
        household_contacts.last_contact_at,
        cast(coalesce(household_contacts.campaign_contacts_30d, 0) as integer)
            as campaign_contacts_30d,
        members.arm,
        members.movement,
        members.valid_until,
        members.details
    from members
    inner join customers
        on members.customer_id = customers.customer_id
    left join customer_values
        on members.customer_id = customer_values.customer_id
    left join contacts
        on members.customer_id = contacts.customer_id
    left join household_contacts
        on members.household_id = household_contacts.household_id

)

select * from file_rows
