select
    purchase_days,
    monetary_value,
    count(*) as customers
from {{ ref('customer_purchase_summaries') }}
where monetary_value > 0
group by purchase_days, monetary_value
