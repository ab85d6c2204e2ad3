-- Owners of a machine that is still worth something: near its end, or about to be worth less.

with best_first as (

    select
        units.*,
        row_number() over (
            partition by customer_id
            order by
                case when why_now is null then 1 else 0 end asc,
                trade_in_value desc nulls last,
                {{ text_order('unit_id') }} asc nulls last
        ) as place
    from {{ ref('int_units_still_worth') }} as units

)

select
    units.*,
    contacts.last_contact_on as offered_on,
    cast(round(units.trade_in_value) as bigint) as trade_in_whole,
    '{{ var("reporting_currency") }}' as currency,
    case
        when units.why_now is null then 'not_yet'
        when {{ contacted_within_gap('trade_in', 'contacts.last_contact_on') }} then 'offered'
    end as ineligible_code,
    units.resale_margin + coalesce(people.order_margin, 0) as score,
    units.trade_in_value as tie_break_value,
    units.resale_margin + people.order_margin as value_at_stake,
    people.purchase_probability_12m as response_probability,
    coalesce(units.why_now, 'still_good') as reason_1_code,
    'worth' as reason_2_code,
    case when units.repairs > 0 then 'repaired' end as reason_3_code,
    'offer' as action_code
from best_first as units
left join {{ last_contacts('trade_in') }} as contacts
    on units.customer_id = contacts.customer_id
left join {{ ref('int_customers_described') }} as people
    on units.customer_id = people.customer_id
where units.place = 1
