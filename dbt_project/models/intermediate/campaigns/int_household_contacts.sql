{{ config(post_hook="{{ analyze() }}") }}

-- What each household has had from us lately, over all lists and channels.

with rules as (

    select * from {{ ref('campaign_rules') }}

),

contacts as (

    select
        customers.household_id,
        contacts.sent_at,
        contacts.sent_on
    from {{ ref('fct_campaign_contacts') }} as contacts
    inner join {{ ref('dim_customers') }} as customers
        on contacts.customer_id = customers.customer_id

),

household_contacts as (

    select
        contacts.household_id,
        max(contacts.sent_at) as last_contact_at,
        max(contacts.sent_on) as last_contact_on,
        sum(
            case
                when
                    {{ days_between('contacts.sent_on', as_of()) }}
                    < rules.contacts_window_days
                    then 1
                else 0
            end
        ) as contacts_in_window,
        sum(
            case
                when {{ days_between('contacts.sent_on', as_of()) }} < 30 then 1
                else 0
            end
        ) as campaign_contacts_30d
    from contacts
    cross join rules
    group by contacts.household_id

)

select * from household_contacts
