{{ config(enabled="reward_lapsing" in var("lists"), materialized="view") }}

-- All points of a member that lapse within the days ahead: many have some lapse every few days.

select
    customer_id,
    sum(points_left) as points_expiring,
    min(expires_on) as points_expire_on,
    max(expires_on) as last_expire_on
from {{ ref('fct_loyalty_entries') }}
where
    points_left > 0
    and expires_on >= {{ as_of() }}
    and expires_on
    <= {{ add_days(as_of(), list_threshold('reward_lapsing', 'days_ahead')) }}
group by customer_id
