-- Whoever qualifies for a list does so once: one test for all lists, which are views.
select
    list_code,
    customer_id,
    count(*) as times
from {{ ref('int_list_candidates') }}
group by
    list_code,
    customer_id
having
    count(*) > 1
    or customer_id is null
