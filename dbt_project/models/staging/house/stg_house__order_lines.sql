{{ config(
    materialized="incremental",
    incremental_strategy="delete+insert",
    unique_key=["order_id"],
    on_schema_change="fail",
    indexes=[{"columns": ["order_id", "line_no"], "unique": true}],
    post_hook="{{ analyze() }}",
) }}

with current_rows as (

    {{ current_version(
        'house', 'order_lines', only_changed=is_incremental(), changed_by=['order_id']
    ) }}

)

select
    ---------- ids
    order_id,
    line_no,
    product_id,

    ---------- quantities and money
    quantity,
    unit_price,
    coalesce(discount, 0) as discount
from current_rows
