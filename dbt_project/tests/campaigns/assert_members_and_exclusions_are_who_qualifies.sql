-- Everybody stands once among the candidates of a list, and whoever qualifies is on it or has one
-- reason why not; nobody else is.

with unioned as (

    select
        list_code,
        customer_id,
        1 as times_candidate,
        case when ineligible_code is null then 1 else 0 end as times_qualified,
        0 as times_sorted
    from {{ ref('int_list_candidates') }}
    union all
    select
        list_code,
        customer_id,
        0 as times_candidate,
        0 as times_qualified,
        1 as times_sorted
    from {{ ref('list_members') }}
    union all
    select
        list_code,
        customer_id,
        0 as times_candidate,
        0 as times_qualified,
        1 as times_sorted
    from {{ ref('list_exclusions') }}

)

select
    list_code,
    customer_id,
    sum(times_candidate) as times_candidate,
    sum(times_qualified) as times_qualified,
    sum(times_sorted) as times_sorted
from unioned
group by list_code, customer_id
having
    sum(times_candidate) <> 1
    or sum(times_qualified) <> sum(times_sorted)
    or customer_id is null
