{{ config(schema="pii") }}

-- Every address and number that a customer ever had, as delivered.

with delivered as (

    {{ ever_delivered('house', 'customers') }}

)

select
    customer_id,
    email,
    phone,
    country,
    updated_at as known_at,
    _delivered_on as delivered_on,
    _delivery_id as delivery_id
from delivered
