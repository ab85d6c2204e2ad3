-- The newest word delivered on consent, not the flag the list was built with.

select
    members.list_code,
    members.customer_id
from {{ ref('list_members') }} as members
inner join {{ ref('list_definitions') }} as definitions
    on members.list_code = definitions.list_code
left join {{ ref('int_customer_consents') }} as consents
    on
        members.customer_id = consents.customer_id
        and definitions.channel = consents.channel
        and definitions.purpose = consents.purpose
        and consents.is_granted
where
    members.class in ('marketing', 'audience')
    and consents.customer_id is null
