{{ config(tags=['oracle']) }}
-- Quintiles again, by putting all customers in order: of equals the later purchase is the better,
-- then the greater id.
with placed as (

    select
        customer_id,
        orders_count,
        net_sales,
        row_number() over (
            order by
                last_purchase_on asc nulls last,
                {{ text_order('customer_id') }} asc nulls last
        ) as place
    from {{ ref('int_customer_purchases') }}
    where purchase_days >= 2

),

sorted as (

    select
        customer_id,
        ntile(5) over (order by place asc nulls last) as recency_quintile,
        ntile(5) over (
            order by orders_count asc nulls last, place asc nulls last
        ) as frequency_quintile,
        ntile(5) over (order by net_sales asc nulls last, place asc nulls last) as money_quintile
    from placed

)

select sorted.customer_id
from sorted
full outer join {{ ref('customer_rfm') }} as groups
    on sorted.customer_id = groups.customer_id
where
    coalesce(groups.rfm_group, '') <> 'trial'
    and (
        groups.recency_quintile is distinct from sorted.recency_quintile
        or groups.frequency_quintile is distinct from sorted.frequency_quintile
        or groups.money_quintile is distinct from sorted.money_quintile
    )
