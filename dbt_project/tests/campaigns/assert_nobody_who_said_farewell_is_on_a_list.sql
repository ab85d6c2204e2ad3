-- Service lists too. Asked of what was delivered, not of the model that the lists read.
with deaths as (

    {{ union_systems('deaths') }}

),

erasure_requests as (

    {{ union_systems('erasure_requests') }}

)

select
    file_rows.list_code,
    file_rows.customer_id
from {{ ref('list_file_rows') }} as file_rows
where
    exists (
        select 1 from deaths
        where
            deaths.customer_id = file_rows.customer_id
            and not deaths.is_withdrawn
    )
    or exists (
        select 1 from erasure_requests
        where
            erasure_requests.customer_id = file_rows.customer_id
            and not erasure_requests.is_withdrawn
    )
