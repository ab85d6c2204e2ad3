select
    household_id,
    count(*) as times
from {{ ref('list_members') }}
where class = 'marketing'
group by household_id
having count(*) > 1
