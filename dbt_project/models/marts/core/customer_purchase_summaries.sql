with purchases as (

    select * from {{ ref('int_customer_purchases') }}
    where orders_count > 0

)

select
    customer_id,

    ---------- the model's input
    purchase_days - 1 as frequency,
    {{ days_between('first_purchase_on', 'last_purchase_on') }} as recency_days,
    {{ days_between('first_purchase_on', as_of()) }} as customer_age_days,
    purchase_days,
    cast(valued_purchase_days as integer) as valued_purchase_days,
    {{ monetary_value('net_sales', 'valued_purchase_days') }} as monetary_value,

    ---------- times
    first_purchase_on,
    last_purchase_on,
    median_gap_days,
    {{ days_between('last_purchase_on', as_of()) }} as days_since_last,

    ---------- money
    cast(net_sales as numeric(14, 2)) as net_sales,
    cast(contribution_margin as numeric(14, 2)) as contribution_margin
from purchases
