-- Every version of a unit that was ever delivered: whose it was, and since when that was known.
with delivered as (

    select * from {{ source('house', 'units') }}

),

deliveries as (

    select
        delivery_id,
        delivery_rank
    from {{ ref('stg_deliveries') }}
    where feed = 'units'

)

select
    ---------- ids
    delivered.product_id,
    delivered.serial,
    delivered.customer_id,
    delivered.order_id,

    ---------- dates
    delivered.bought_on,
    delivered.registered_on,
    delivered.warranty_ends_on,
    delivered.last_serviced_on,
    delivered.next_service_due_on,
    delivered.retired_on,

    ---------- properties
    delivered.retired_how,

    ---------- its place among the versions
    delivered.updated_at as version_at,
    deliveries.delivery_rank,
    delivered._line as line
from delivered
inner join deliveries on delivered._delivery_id = deliveries.delivery_id
