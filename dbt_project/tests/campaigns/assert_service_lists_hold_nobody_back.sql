select
    list_code,
    customer_id
from {{ ref('list_members') }}
where
    class <> 'marketing'
    and arm <> 'treat'
