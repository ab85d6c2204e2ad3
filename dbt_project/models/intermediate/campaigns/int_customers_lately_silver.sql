{{ config(enabled="save_our_best" in var("lists"), materialized="view") }}

-- Who was silver and up by their own place, not by a tier that is held, on any published night of
-- the last 365 days, tonight included.

select
    customer_id,
    max(coalesce({{ add_days('valid_to', -1) }}, {{ as_of() }})) as was_best_until
from {{ ref('customer_history') }}
where
    {{ is_best_tier('value_tier') }}
    and tier_below_since is null
    and coalesce(valid_to, {{ as_of() }}) > {{ add_days(as_of(), -364) }}
group by customer_id
