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

),

buyers as (

    {{ last_known('house', 'orders', 'customer_id', 'current_rows') }}

)

select
    ---------- ids
    current_rows.order_id,
    coalesce(
        current_rows.customer_id,
        buyers.customer_id,
        {{ unknown_customer('current_rows.order_id') }}
    ) as customer_id,

    ---------- properties
    current_rows.status,
    current_rows.order_type,
    current_rows.currency,
    current_rows.channel,
    current_rows.acquisition_channel,

    ---------- money
    coalesce(current_rows.shipping_cost, 0) as shipping_cost,
    coalesce(current_rows.payment_fee, 0) as payment_fee,

    ---------- times
    current_rows.ordered_at,
    {{ local_date('current_rows.ordered_at') }} as ordered_on,
    current_rows.delivered_at,
    current_rows.promised_delivery_on
from current_rows
left join buyers on current_rows.order_id = buyers.order_id
