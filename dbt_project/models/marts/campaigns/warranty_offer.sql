-- Owners of a machine whose warranty ends soon enough to be extended.
{%- set first_days = list_threshold('warranty_offer', 'first_days') %}
{%- set margin = list_threshold('warranty_offer', 'extension_margin') %}

with ending as (

    select
        units.*,
        {{ days_between(as_of(), 'warranty_ends_on') }} as days_until_end
    from {{ ref('int_units_owned') }} as units
    where warranty_ends_on >= {{ as_of() }}

),

-- one offer a person: a warranty within the window, the one that ends first
next_ending as (

    select
        ending.*,
        row_number() over (
            partition by customer_id
            order by
                case when days_until_end >= {{ first_days }} then 0 else 1 end asc,
                warranty_ends_on asc nulls last,
                {{ text_order('unit_id') }} asc nulls last
        ) as place
    from ending

)

select
    units.*,
    contacts.last_contact_on as offered_on,
    case
        when units.days_until_end < {{ first_days }} then 'too_late'
        when units.days_until_end > {{ list_threshold('warranty_offer', 'last_days') }}
            then 'not_yet'
        when {{ contacted_within_gap('warranty_offer', 'contacts.last_contact_on') }}
            then 'offered'
    end as ineligible_code,
    people.purchase_probability_12m * {{ margin }} as score,
    people.net_clv_12m as tie_break_value,
    people.purchase_probability_12m * {{ margin }} as value_at_stake,
    people.purchase_probability_12m as response_probability,
    'ends' as reason_1_code,
    -- of what we did not sell nobody told us the earlier repairs
    case
        when units.repairs > 0 then 'repaired'
        when units.repairs = 0 and units.order_id is not null then 'sound'
    end as reason_2_code,
    cast(null as {{ dbt.type_string() }}) as reason_3_code,
    'offer' as action_code
from next_ending as units
left join {{ last_contacts('warranty_offer') }} as contacts
    on units.customer_id = contacts.customer_id
left join {{ ref('int_customers_described') }} as people
    on units.customer_id = people.customer_id
where units.place = 1
