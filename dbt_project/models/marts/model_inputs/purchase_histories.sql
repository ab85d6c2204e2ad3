select
    frequency,
    recency_days,
    customer_age_days,
    count(*) as customers
from {{ ref('customer_purchase_summaries') }}
group by frequency, recency_days, customer_age_days
