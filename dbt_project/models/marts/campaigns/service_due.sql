-- Owners of a machine whose service is about to be due. A neutral notice: nothing is sold.

with services as (

    select * from {{ ref('int_services_due') }}

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
    from services
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
from services as units
left join {{ ref('int_customers_described') }} as people
    on units.customer_id = people.customer_id
left join others
    on units.customer_id = others.customer_id
where units.place = 1
