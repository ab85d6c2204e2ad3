{{ config(
    materialized="incremental",
    incremental_strategy="delete+insert",
    unique_key=["refund_id"],
    on_schema_change="fail",
    post_hook="{{ analyze() }}",
) }}

with current_rows as (

    {{ current_version('house', 'refunds', only_changed=is_incremental()) }}

)

select
    ---------- ids
    refund_id,
    order_id,
    line_no,
    -- The house knows a refund by its order only.
    cast(null as {{ dbt.type_string() }}) as customer_id,
    cast(null as {{ dbt.type_string() }}) as product_id,

    ---------- quantities and money
    quantity,
    amount,
    coalesce(is_restocked, false) as is_restocked,
    reason,
    coalesce(handling_cost, 0) as handling_cost,

    ---------- times
    refunded_at,
    {{ local_date('refunded_at') }} as refunded_on
from current_rows
