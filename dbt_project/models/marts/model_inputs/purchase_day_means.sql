select
    valued_purchase_days as purchase_days,
    monetary_value,
    count(*) as customers
from {{ ref('customer_purchase_summaries') }}
where monetary_value > 0
group by valued_purchase_days, monetary_value
