{{ config(enabled="service_due" in var("lists"), materialized="view") }}
{%- set days_ahead = list_threshold('service_due', 'days_ahead') %}
{%- set days_after = list_threshold('service_due', 'days_after') %}
{%- set days_until_due = days_between(as_of(), 'units.next_service_due_on') %}
{%- set days_since_due = days_between('units.next_service_due_on', as_of()) %}

-- Each machine that is to be serviced, whether its owner is told of it tonight, and which of theirs
-- comes first.

with judged as (

    select
        units.*,
        contacts.last_contact_on as told_on,
        units.next_service_due_on as due_on,
        {{ days_until_due }} as days_until_due,
        {{ days_since_due }} as days_since_due,
        {{ days_between('units.last_serviced_on', as_of()) }} as days_since_service,
        case
            when {{ days_until_due }} > {{ days_ahead }} then 'not_yet'
            when {{ days_since_due }} > {{ days_after }} then 'long_due'
            -- a notice of before a service came near was about another machine
            when
                {{ contacted_within_gap('service_due', 'contacts.last_contact_on') }}
                and contacts.last_contact_on
                >= {{ add_days('units.next_service_due_on', -1 * days_ahead) }}
                then 'told'
        end as ineligible_code
    from {{ ref('int_units_owned') }} as units
    left join {{ last_contacts('service_due') }} as contacts
        on units.customer_id = contacts.customer_id
    where units.next_service_due_on is not null

),

-- one notice a person: the first that is near, not one that was long ago or that they know of
next_due as (

    select
        judged.*,
        row_number() over (
            partition by customer_id
            order by
                case
                    when ineligible_code = 'long_due' then 2
                    when ineligible_code is not null then 1
                    else 0
                end asc,
                due_on asc nulls last,
                {{ text_order('unit_id') }} asc nulls last
        ) as place
    from judged

)

select * from next_due
