{{ config(
    materialized="incremental",
    incremental_strategy="delete+insert",
    unique_key=["customer_id"],
    on_schema_change="fail",
    indexes=[{"columns": ["customer_id"]}],
    post_hook="{{ analyze() }}",
) }}

with current_rows as (

    {{ current_version('house', 'customers', only_changed=is_incremental()) }}

)

select
    ---------- ids
    customer_id,

    ---------- personal
    email,
    phone,
    first_name,
    last_name,
    birth_date,
    anniversary,

    ---------- properties
    language,
    country,
    timezone,
    preferred_channel,
    coalesce(is_staff, false) as is_staff,
    created_at
from current_rows
