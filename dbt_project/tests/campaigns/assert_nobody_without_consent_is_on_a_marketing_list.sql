-- The newest word delivered on consent, not the flag the list was built with.

with

consents as (

    select * from {{ ref('int_consents_unioned') }}

),

newest as (

    select
        customer_id,
        channel,
        purpose,
        max(changed_at) as changed_at
    from consents
    group by customer_id, channel, purpose

),

agreed as (

    select
        consents.customer_id,
        consents.channel,
        consents.purpose
    from consents
    inner join newest
        on
            consents.customer_id = newest.customer_id
            and consents.channel = newest.channel
            and consents.purpose = newest.purpose
            and consents.changed_at = newest.changed_at
    group by consents.customer_id, consents.channel, consents.purpose
    having min(case when consents.is_granted then 1 else 0 end) = 1

)

select
    members.list_code,
    members.customer_id
from {{ ref('list_members') }} as members
inner join {{ ref('list_definitions') }} as definitions
    on members.list_code = definitions.list_code
left join agreed
    on
        members.customer_id = agreed.customer_id
        and definitions.channel = agreed.channel
        and definitions.purpose = agreed.purpose
where
    members.class = 'marketing'
    and agreed.customer_id is null
