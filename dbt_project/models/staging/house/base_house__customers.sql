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

),

staff as (

    {{ last_known('house', 'customers', 'is_staff', 'current_rows') }}

),

births as (

    {{ last_known('house', 'customers', 'birth_date', 'current_rows') }}

)

select
    ---------- ids
    current_rows.customer_id,

    ---------- personal
    current_rows.email,
    current_rows.phone,
    current_rows.first_name,
    current_rows.last_name,
    current_rows.birth_date,
    births.birth_date as kept_birth_date,
    current_rows.anniversary,

    ---------- properties
    current_rows.language,
    current_rows.country,
    current_rows.timezone,
    current_rows.preferred_channel,
    coalesce(current_rows.is_staff, staff.is_staff, false) as is_staff,
    current_rows.created_at
from current_rows
left join staff on current_rows.customer_id = staff.customer_id
left join births on current_rows.customer_id = births.customer_id
