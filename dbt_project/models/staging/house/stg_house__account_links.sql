-- Accounts that were ever called one person: a no that was said while they were merged stays with
-- both.

with delivered as (

    {{ ever_delivered('house', 'identities') }}

)

select
    old_customer_id as customer_id,
    customer_id as linked_customer_id
from delivered
where is_merged
