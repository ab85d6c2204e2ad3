select
    members.list_code,
    count(*) as people
from {{ ref('list_members') }} as members
inner join {{ ref('list_definitions') }} as definitions
    on members.list_code = definitions.list_code
where members.arm = 'treat'
group by members.list_code
having count(*) > max(definitions.capacity)
