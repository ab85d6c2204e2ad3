{{ config(post_hook="{{ analyze() }}") }}

-- The address and number that each customer can be written to or called at tonight, in normal
-- form. What bounced, or belongs to somebody who has died or is to be forgotten, is used for
-- nothing and is null.

with contacts as (

    select * from {{ ref('customer_contacts') }}

),

closed as (

    select
        channel,
        address,
        min(stop_code) as stop_code
    from {{ ref('closed_addresses') }}
    where purpose is null
    group by channel, address

),

current_addresses as (

    select
        contacts.customer_id,
        emails.normal as email,
        phones.normal as phone_e164
    from contacts
    left join {{ source('personal', 'normal_forms') }} as emails
        on
            emails.kind = 'email'
            and contacts.email = emails.original
            and emails.country = ''
    left join {{ source('personal', 'normal_forms') }} as phones
        on
            phones.kind = 'phone'
            and contacts.phone = phones.original
            and coalesce(contacts.country, '') = phones.country

),

customer_reach as (

    select
        current_addresses.customer_id,
        case when closed_emails.address is null then current_addresses.email end as email,
        case
            when closed_phones.address is null then current_addresses.phone_e164
        end as phone_e164,
        current_addresses.email as known_email,
        current_addresses.phone_e164 as known_phone_e164,
        closed_emails.stop_code as email_stop_code,
        closed_phones.stop_code as phone_stop_code
    from current_addresses
    left join closed as closed_emails
        on
            closed_emails.channel = 'email'
            and current_addresses.email = closed_emails.address
    left join closed as closed_phones
        on
            closed_phones.channel = 'phone'
            and current_addresses.phone_e164 = closed_phones.address

)

select * from customer_reach
