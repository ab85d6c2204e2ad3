-- Everybody who qualifies is on the list or has one reason why not; nobody else is.

with qualified as (

    select
        list_code,
        customer_id
    from {{ ref('int_list_candidates') }}
    where ineligible_code is null

),

sorted as (

    select
        list_code,
        customer_id
    from {{ ref('list_members') }}
    union all
    select
        list_code,
        customer_id
    from {{ ref('list_exclusions') }}

),

counted as (

    select
        list_code,
        customer_id,
        count(*) as times
    from sorted
    group by list_code, customer_id

)

select
    coalesce(candidates.list_code, counted.list_code) as list_code,
    coalesce(candidates.customer_id, counted.customer_id) as customer_id,
    counted.times
from qualified as candidates
full outer join counted
    on
        candidates.list_code = counted.list_code
        and candidates.customer_id = counted.customer_id
where
    candidates.customer_id is null
    or counted.customer_id is null
    or counted.times <> 1
