{{ config(
    materialized="incremental",
    incremental_strategy="delete+insert",
    unique_key=["order_id"],
    on_schema_change="fail",
    indexes=[{"columns": ["order_id"], "unique": true}, {"columns": ["customer_id"]}],
    post_hook="{{ analyze() }}",
) }}

with current_rows as (

    {{ current_version('house', 'orders', only_changed=is_incremental()) }}

)

select
    ---------- ids
    order_id,
    coalesce(customer_id, {{ unknown_customer('order_id') }}) as customer_id,

    ---------- properties
    status,
    order_type,
    currency,
    channel,
    acquisition_channel,

    ---------- money
    coalesce(shipping_cost, 0) as shipping_cost,
    coalesce(payment_fee, 0) as payment_fee,

    ---------- times
    ordered_at,
    {{ local_date('ordered_at') }} as ordered_on,
    delivered_at,
    promised_delivery_on
from current_rows
