{{ config(post_hook="{{ analyze() }}") }}

-- Answers to surveys that were delivered and could not be read: each may be a bad score, or the
-- good one that a case ended with. They are in doubt for as long as a bad score counts, replayed
-- or not.

select
    quarantined.raw_text as said,
    deliveries.delivered_on
from {{ source('ledger', 'quarantine') }} as quarantined
inner join {{ ref('stg_deliveries') }} as deliveries
    on quarantined.delivery_id = deliveries.delivery_id
where quarantined.feed = 'surveys'
