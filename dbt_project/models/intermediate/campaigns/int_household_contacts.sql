{{ config(post_hook="{{ analyze(['household_id']) }}") }}

-- What each household has had from us lately, over all lists and channels.

with of_people as (

    select
        contacts.customer_id,
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
    from {{ ref('int_contacts_made') }} as contacts
    cross join {{ ref('campaign_rules') }} as rules
    group by contacts.customer_id

),

household_contacts as (

    select
        customers.household_id,
        max(of_people.last_contact_at) as last_contact_at,
        max(of_people.last_contact_on) as last_contact_on,
        sum(of_people.contacts_in_window) as contacts_in_window,
        sum(of_people.campaign_contacts_30d) as campaign_contacts_30d
    from of_people
    inner join {{ ref('dim_customers') }} as customers
        on of_people.customer_id = customers.customer_id
    group by customers.household_id

)

select * from household_contacts
