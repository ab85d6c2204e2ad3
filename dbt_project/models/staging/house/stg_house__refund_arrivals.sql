-- When a refund was first told.
with delivered as (

    select * from {{ source('house', 'refunds') }}

),

deliveries as (

    select
        delivery_id,
        delivered_on,
        delivered_on = min(delivered_on) over () as is_first_delivery
    from {{ ref('stg_deliveries') }}
    where feed = 'refunds'

)

select
    delivered.refund_id,
    min(deliveries.delivered_on) as delivered_on,
    min(case when deliveries.is_first_delivery then 0 else 1 end) = 0 as is_first_delivery
from delivered
inner join deliveries on delivered._delivery_id = deliveries.delivery_id
group by delivered.refund_id
