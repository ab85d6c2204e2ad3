{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('customer_id', 'int_touched_shares') }}",
    post_hook="{{ analyze() }}",
) }}

-- Among which peers customer_category_shares has placed them.
select
    customer_id,
    money_quintile
from {{ ref('customer_rfm') }}
where
    money_quintile is not null
    and {{ only_touched_customers(touched='int_touched_shares') }}
