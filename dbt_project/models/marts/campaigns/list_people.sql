{{ config(
    schema="pii",
    materialized="table",
    pre_hook="{{ never_row_by_row() }}",
    post_hook="{{ analyze() }}",
) }}

-- What the files of targets need of everybody on a list, beside the list's own columns. A consent
-- stands only where nothing else forbids that channel: another account, an unsubscribe, a bounce.

with people as (

    select distinct customer_id from {{ ref('list_members') }}

),

contacts as (

    select * from {{ ref('customer_contacts') }}

),

homes as (

    select * from {{ ref('customer_homes') }}

),

said as (

    select consents.*
    from {{ ref('int_customer_consents') }} as consents
    inner join people on consents.customer_id = people.customer_id

),

granted as (

    select
        customer_id,
        channel,
        purpose
    from said
    where is_granted

),

-- What stops one channel and purpose is found by all three; what stops more is little.
stopped as (

    select granted.*
    from granted
    inner join {{ ref('int_contact_stops') }} as stops
        on
            granted.customer_id = stops.customer_id
            and granted.channel = stops.channel
            and granted.purpose = stops.purpose

    union

    select granted.*
    from granted
    inner join {{ ref('int_contact_stops') }} as stops
        on
            granted.customer_id = stops.customer_id
            and coalesce(stops.channel, granted.channel) = granted.channel
            and coalesce(stops.purpose, granted.purpose) = granted.purpose
    where
        stops.channel is null
        or stops.purpose is null

),

consents as (

    select
        said.customer_id,
        said.channel,
        said.purpose,
        said.changed_at,
        said.is_granted and stopped.customer_id is null as is_granted
    from said
    left join stopped
        on
            said.customer_id = stopped.customer_id
            and said.channel = stopped.channel
            and said.purpose = stopped.purpose

),

-- of all their words together: a planner takes those of one channel and purpose for two, and
-- compares all with all
of_people as (

    select
        customer_id,
        max(case when channel = 'email' and purpose = 'marketing' then changed_at end)
            as email_consent_at,
        max(
            case
                when channel = 'email' and purpose = 'marketing' and is_granted then 'granted'
                when channel = 'email' and purpose = 'marketing' then 'withdrawn'
            end
        ) as email_consent,
        {{ dbt.listagg(
            "case when is_granted then channel || ':' || purpose end", "' '",
            'order by ' ~ text_order('channel') ~ ', ' ~ text_order('purpose'),
        ) }} as granted
    from consents
    group by customer_id

),

list_people as (

    select
        people.customer_id,
        contacts.last_name,
        contacts.birth_date,
        coalesce(homes.country, contacts.country) as country,
        homes.postcode,
        homes.city,
        coalesce(of_people.email_consent, 'none') as email_consent,
        of_people.email_consent_at,
        of_people.granted
    from people
    left join contacts on people.customer_id = contacts.customer_id
    left join homes on people.customer_id = homes.customer_id
    left join of_people on people.customer_id = of_people.customer_id

)

select * from list_people
