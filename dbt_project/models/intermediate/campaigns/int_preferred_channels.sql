{{ config(enabled="second_purchase" in var("lists"), materialized="view") }}

-- Who is approached by the telephone or the post, because they prefer it: they agreed to it and can
-- be reached so, and no stop stands, or may stand, in the way.

with agreed as (

    select
        customer_id,
        preferred_channel
    from {{ ref('int_customers_described') }}
    where
        case preferred_channel
            when 'phone' then consent_phone_marketing and has_phone
            when 'post' then consent_post_marketing and has_address
        end

),

stopped as (

    select distinct agreed.customer_id
    from agreed
    inner join {{ ref('int_contact_stops') }} as stops
        on
            agreed.customer_id = stops.customer_id
            and coalesce(stops.channel, agreed.preferred_channel) = agreed.preferred_channel
            and coalesce(stops.purpose, 'marketing') = 'marketing'

)

select agreed.*
from agreed
left join stopped on agreed.customer_id = stopped.customer_id
where stopped.customer_id is null
