-- Every version of an order that was ever delivered: what was known of it, and since when.
with delivered as (

    select * from {{ source('house', 'orders') }}

),

deliveries as (

    select
        delivery_id,
        delivered_on,
        delivery_rank,
        delivered_on = min(delivered_on) over () as is_first_delivery
    from {{ ref('stg_deliveries') }}
    where feed = 'orders'

)

select
    delivered.order_id,
    delivered.status,
    delivered.updated_at as version_at,
    deliveries.delivered_on,
    deliveries.is_first_delivery,
    deliveries.delivery_rank,
    delivered._line as line
from delivered
inner join deliveries on delivered._delivery_id = deliveries.delivery_id
