-- Owners of a machine whose service is about to be due. A neutral notice: nothing is sold.
{%- set days_ahead = list_threshold('service_due', 'days_ahead') %}
{%- set days_after = list_threshold('service_due', 'days_after') %}
{%- set days_until_due = days_between(as_of(), 'units.next_service_due_on') %}
{%- set days_since_due = days_between('units.next_service_due_on', as_of()) %}

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

),

-- the others that are near
others as (

    select
        customer_id,
        count(*) as other_services,
        {{ dbt.listagg(
            'product_name', "', '",
            'order by due_on, ' ~ text_order('unit_id')
        ) }} as other_products
    from next_due
    where
        ineligible_code is null
        and place > 1
    group by customer_id

)

select
    units.*,
    others.other_services,
    others.other_products,
    units.days_since_due as score,
    people.net_clv_12m as tie_break_value,
    people.net_clv_12m as value_at_stake,
    people.purchase_probability_12m as response_probability,
    case when units.days_until_due >= 0 then 'due' else 'was_due' end as reason_1_code,
    case when units.last_serviced_on is not null then 'last_service' else 'never' end
        as reason_2_code,
    case when others.other_services > 0 then 'others' end as reason_3_code,
    'tell' as action_code
from next_due as units
left join {{ ref('int_customers_described') }} as people
    on units.customer_id = people.customer_id
left join others
    on units.customer_id = others.customer_id
where units.place = 1
