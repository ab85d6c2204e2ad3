-- Carriage is neither sale nor cost here: passed on. Test orders are none. One that was brought
-- from another shop was created when it came, and processed when it was bought.
with delivered as (

    {{ visible_rows('shopify', 'shopify_order') }}

),

orders as (

    select
        delivered.*,
        coalesce(processed_at, created_at) as ordered_at
    from delivered

),

fulfillments as (

    {{ visible_rows('shopify', 'shopify_fulfillment') }}

),

-- arrived when all of it was sent and its last parcel has; one that was called off is none
arrivals as (

    select
        fulfillments.order_id,
        case
            when
                count(*)
                = sum(case when fulfillments.shipment_status = 'delivered' then 1 else 0 end)
                then max(fulfillments.updated_at)
        end as delivered_at
    from fulfillments
    inner join orders on fulfillments.order_id = orders.id
    where
        orders.fulfillment_status = 'fulfilled'
        and coalesce(fulfillments.status, '') not in ('cancelled', 'error', 'failure')
    group by fulfillments.order_id

)

select
    ---------- ids
    orders.id as order_id,
    coalesce(orders.customer_id, {{ unknown_customer('orders.id') }}) as customer_id,

    ---------- properties
    case
        when orders.cancelled_at is not null or orders.financial_status = 'voided' then 'cancelled'
        when
            orders.financial_status is null
            or orders.financial_status in ('pending', 'authorized', 'expired')
            then 'pending'
        when arrivals.delivered_at is not null then 'delivered'
        when orders.fulfillment_status = 'fulfilled' then 'shipped'
        else 'paid'
    end as status,
    'sale' as order_type,
    orders.currency,
    orders.source_name as channel,
    cast(null as {{ dbt.type_string() }}) as acquisition_channel,

    ---------- money
    0 as shipping_cost,
    0 as payment_fee,

    ---------- times
    orders.ordered_at,
    {{ local_date('orders.ordered_at') }} as ordered_on,
    arrivals.delivered_at,
    cast(null as date) as promised_delivery_on
from orders
left join arrivals on orders.id = arrivals.order_id
where not coalesce(orders.test, false)
