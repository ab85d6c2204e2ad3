select
    days_since_previous_purchase as gap_days,
    count(*) as gaps
from {{ ref('fct_orders') }}
where days_since_previous_purchase is not null
group by days_since_previous_purchase
