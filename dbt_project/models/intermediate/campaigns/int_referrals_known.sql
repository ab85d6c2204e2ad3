{{ config(enabled="ask_advocates" in var("lists"), materialized="view") }}

-- How many people each customer has brought lately; null of whom a referral could not be read, and
-- nobody knows. Whoever has no row has brought nobody.

with in_doubt as (

    select distinct customer_id
    from {{ ref('int_rows_in_doubt') }}
    where about = 'referral'

)

select
    coalesce(in_doubt.customer_id, referrals.customer_id) as customer_id,
    case when in_doubt.customer_id is null then coalesce(referrals.referrals_12m, 0) end
        as referrals_12m
from {{ ref('customer_referrals') }} as referrals
full outer join in_doubt on referrals.customer_id = in_doubt.customer_id
