{{ config(
    materialized="incremental",
    incremental_strategy="delete+insert",
    unique_key=["contact_id"],
    on_schema_change="fail",
    indexes=[{"columns": ["contact_id"], "unique": true}],
    post_hook="{{ analyze() }}",
) }}

with current_rows as (

    {{ current_version('house', 'campaign_contacts', only_changed=is_incremental()) }}

)

select
    contact_id,
    list_code,
    customer_id,
    channel,
    sent_at,
    outcome,
    _delivered_on as delivered_on,
    _delivery_id as delivery_id,
    _line as line
from current_rows
