{{ config(
    materialized="incremental",
    incremental_strategy="delete+insert",
    unique_key=["entry_id"],
    on_schema_change="fail",
    indexes=[{"columns": ["entry_id"], "unique": true}],
    post_hook="{{ analyze() }}",
) }}

with current_rows as (

    {{ current_version('house', 'loyalty', only_changed=is_incremental()) }}

)

select
    ---------- ids
    entry_id,
    customer_id,
    order_id,

    ---------- properties
    kind,
    points,

    ---------- times
    booked_at,
    expires_on
from current_rows
