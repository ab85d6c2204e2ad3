{{ config(post_hook="{{ analyze() }}") }}

-- The address and number that each customer can be written to or called at tonight, in normal
-- form. What bounced, or belongs to somebody who has died, is to be forgotten or was erased, is
-- used for nothing and is null. Whether they are of age stands here as well: whoever asks that asks
-- for reach, and contacts are not put together for everybody once more.

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

suppressed as (

    select * from {{ ref('suppressed_addresses') }}

),

current_addresses as (

    select
        contacts.customer_id,
        emails.normal as email,
        phones.normal as phone_e164,
        -- a date that was taken back protects a minor and makes nobody an adult
        case
            when
                contacts.youngest_birth_date > {{ add_months(as_of(), -216) }}
                or contacts.youngest_kept_birth_date > {{ add_months(as_of(), -216) }}
                then true
            when contacts.youngest_birth_date is not null then false
        end as is_minor
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
        case
            when coalesce(closed_emails.address, erased_emails.address) is null
                then current_addresses.email
        end as email,
        case
            when coalesce(closed_phones.address, erased_phones.address) is null
                then current_addresses.phone_e164
        end as phone_e164,
        current_addresses.email as known_email,
        current_addresses.phone_e164 as known_phone_e164,
        case
            when erased_emails.address is not null then 'shared_address'
            else closed_emails.stop_code
        end as email_stop_code,
        case
            when erased_phones.address is not null then 'shared_address'
            else closed_phones.stop_code
        end as phone_stop_code,
        current_addresses.is_minor
    from current_addresses
    left join closed as closed_emails
        on
            closed_emails.channel = 'email'
            and current_addresses.email = closed_emails.address
    left join closed as closed_phones
        on
            closed_phones.channel = 'phone'
            and current_addresses.phone_e164 = closed_phones.address
    left join suppressed as erased_emails
        on
            erased_emails.channel = 'email'
            and current_addresses.customer_id = erased_emails.customer_id
            and current_addresses.email = erased_emails.address
    left join suppressed as erased_phones
        on
            erased_phones.channel = 'phone'
            and current_addresses.customer_id = erased_phones.customer_id
            and current_addresses.phone_e164 = erased_phones.address

)

select * from customer_reach
