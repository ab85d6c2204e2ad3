-- Service lists too. Asked of what was delivered, not of the model that the lists read.
with events as (

    {{ union_systems('permission_events') }}

),

farewells as (

    select
        kind,
        customer_id,
        coalesce(reference, '') as reference
    from events
    where kind in ('death', 'erasure')
    group by kind, customer_id, coalesce(reference, '')
    having
        max(case when is_no then happened_at end)
        >= coalesce(
            max(case when not is_no then happened_at end),
            max(case when is_no then happened_at end)
        )

)

select
    file_rows.list_code,
    file_rows.customer_id
from {{ ref('list_file_rows') }} as file_rows
inner join farewells on file_rows.customer_id = farewells.customer_id
