-- Owners of a machine whose service is about to be due. A neutral notice: nothing is sold.
{%- set days_ahead = list_threshold('service_due', 'days_ahead') %}
{%- set days_after = list_threshold('service_due', 'days_after') %}
{%- set gap_days = list_threshold('service_due', 'gap_days') %}

with units as (

    select
        units.customer_id,
        units.unit_id,
        products.name as product_name,
        units.next_service_due_on as due_on,
        units.last_serviced_on,
        {{ days_between('owners.owned_from', as_of()) }} as days_owned,
        {{ days_between(as_of(), 'units.next_service_due_on') }} as days_until_due
    from {{ ref('fct_units') }} as units
    left join {{ ref('dim_products') }} as products on units.product_id = products.product_id
    left join {{ ref('fct_unit_owners') }} as owners
        on
            units.unit_id = owners.unit_id
            and owners.owned_until is null
    where
        units.status = 'owned'
        and units.customer_id <> {{ unknown_customer() }}
        and units.next_service_due_on is not null

),

-- one notice a person: the first that is due, not one that was long ago
next_due as (

    select
        units.*,
        row_number() over (
            partition by customer_id
            order by
                case when days_until_due >= -{{ days_after }} then 0 else 1 end asc,
                due_on asc nulls last,
                {{ text_order('unit_id') }} asc nulls last
        ) as place
    from units

),

known as (

    select
        next_due.*,
        contacts.last_contact_on as told_on,
        customer_values.net_clv_12m,
        customer_values.purchase_probability_12m
    from next_due
    left join {{ ref('int_list_contacts') }} as contacts
        on
            next_due.customer_id = contacts.customer_id
            and contacts.list_code = 'service_due'
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on next_due.customer_id = customer_values.customer_id
    where next_due.place = 1

),

candidates as (

    select
        customer_id,
        case
            when days_until_due > {{ days_ahead }} then 'not_yet'
            when days_until_due < -{{ days_after }} then 'long_due'
            when {{ days_between('told_on', as_of()) }} < {{ gap_days }} then 'told'
        end as ineligible_code,
        -days_until_due as score,
        net_clv_12m as tie_break_value,
        net_clv_12m as value_at_stake,
        purchase_probability_12m as response_probability,
        case when days_until_due >= 0 then 'due' else 'was_due' end as reason_1_code,
        case when last_serviced_on is not null then 'last_service' else 'never' end
            as reason_2_code,
        cast(null as {{ dbt.type_string() }}) as reason_3_code,
        'tell' as action_code,
        unit_id,
        due_on,

        ---------- facts of the sentences
        coalesce(product_name, 'machine') as product_name,
        days_until_due,
        -days_until_due as days_since_due,
        {{ days_between('last_serviced_on', as_of()) }} as days_since_service,
        days_owned,
        told_on
    from known

)

select * from candidates
