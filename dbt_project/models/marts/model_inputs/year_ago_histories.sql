select distinct
    frequency,
    recency_days,
    customer_age_days
from {{ ref('int_customer_years') }}
