-- A table, whose rows the planner can count: read sixteen times over, as a view it takes minutes.
-- The merge of each account that stands tonight. An un-merge takes back every earlier merge of its
-- two accounts, either way round; of several that stand the latest is the account's.

with words as (

    {{ union_systems('identities') }}

),

known as (

    select *
    from words
    where
        changed_at < {{ as_of_end() }}
        and old_customer_id <> customer_id

),

taken_apart as (

    select
        old_customer_id,
        customer_id,
        changed_at
    from known
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

),

last_apart as (

    select
        old_customer_id,
        customer_id,
        max(changed_at) as apart_at
    from either_way
    group by old_customer_id, customer_id

),

standing as (

    select
        known.old_customer_id as account_id,
        known.customer_id as into_account_id,
        known.changed_at as merged_at,
        row_number() over (
            partition by known.old_customer_id
            order by
                known.changed_at desc nulls last,
                {{ text_order('known.customer_id') }} asc nulls last
        ) as place
    from known
    left join last_apart
        on
            known.old_customer_id = last_apart.old_customer_id
            and known.customer_id = last_apart.customer_id
    where
        known.is_merged
        and (last_apart.apart_at is null or last_apart.apart_at < known.changed_at)

)

select
    account_id,
    into_account_id,
    merged_at,
    row_number() over (
        order by merged_at asc nulls last, {{ text_order('account_id') }} asc nulls last
    ) as merge_no
from standing
where place = 1
