-- Accounts that were ever called one person, from when until when: what was said while they were
-- merged stays with both. A word that was delivered otherwise later was said all the same.

with delivered as (

    {{ ever_delivered('house', 'identities') }}

),

joined as (

    select distinct
        old_customer_id,
        customer_id,
        changed_at
    from delivered
    where is_merged

),

taken_apart as (

    select
        old_customer_id,
        customer_id,
        changed_at
    from delivered
    where not is_merged

),

either_way as (

    select * from taken_apart
    union all
    select
        customer_id as old_customer_id,
        old_customer_id as customer_id,
        changed_at
    from taken_apart

)

select
    joined.old_customer_id as customer_id,
    joined.customer_id as linked_customer_id,
    joined.changed_at as linked_from,
    min(either_way.changed_at) as linked_until
from joined
left join either_way
    on
        joined.old_customer_id = either_way.old_customer_id
        and joined.customer_id = either_way.customer_id
        and joined.changed_at <= either_way.changed_at
group by joined.old_customer_id, joined.customer_id, joined.changed_at
