select
    customer_id,
    email,
    phone,
    first_name,
    last_name,
    birth_date,
    kept_birth_date,
    country
from {{ ref('base_house__customers') }}
