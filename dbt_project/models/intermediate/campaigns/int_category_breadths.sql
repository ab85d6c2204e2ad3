{{ config(enabled="ask_advocates" in var("lists"), materialized="view") }}

-- In how many categories each customer has ordered; null of whom no category is known.

select
    customer_id,
    nullif(count(category), 0) as categories
from {{ ref('int_customer_categories') }}
group by customer_id
