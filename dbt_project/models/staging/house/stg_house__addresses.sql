{{ config(schema="pii") }}

with current_rows as (

    {{ current_version('house', 'addresses') }}

)

select
    customer_id,
    street,
    postcode,
    city,
    country,
    changed_at
from current_rows
