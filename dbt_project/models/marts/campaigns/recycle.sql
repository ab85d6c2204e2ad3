-- Owners of a machine past its life that is worth nothing any more: take it back, properly.

with aged as (

    select
        units.*,
        {{ days_between('expected_end_of_life_on', as_of()) }} as days_past,
        {{ days_between(as_of(), 'expected_end_of_life_on') }} as days_left
    from {{ ref('int_units_owned') }} as units
    where
        expected_end_of_life_on <= {{ add_days(as_of(), 365) }}
        and (trade_in_value = 0 or trade_in_value is null)

),

oldest_first as (

    select
        aged.*,
        row_number() over (
            partition by customer_id
            order by
                case when trade_in_value is null then 1 else 0 end asc,
                days_past desc nulls last,
                {{ text_order('unit_id') }} asc nulls last
        ) as place
    from aged

)

select
    units.*,
    contacts.last_contact_on as told_on,
    case
        when units.days_past < 0 and units.is_life_measured then 'not_yet'
        when units.days_past < 0 then 'not_yet_as_declared'
        when units.trade_in_value is null then 'value_undeclared'
        when {{ contacted_within_gap('recycle', 'contacts.last_contact_on') }} then 'told'
    end as ineligible_code,
    units.days_past as score,
    people.net_clv_12m as tie_break_value,
    people.net_clv_12m as value_at_stake,
    people.purchase_probability_12m as response_probability,
    case when units.is_life_measured then 'past_its_life' else 'past_its_declared_life' end
        as reason_1_code,
    'owned' as reason_2_code,
    cast(null as {{ dbt.type_string() }}) as reason_3_code,
    'take_back' as action_code
from oldest_first as units
left join {{ last_contacts('recycle') }} as contacts
    on units.customer_id = contacts.customer_id
left join {{ ref('int_customers_described') }} as people
    on units.customer_id = people.customer_id
where units.place = 1
