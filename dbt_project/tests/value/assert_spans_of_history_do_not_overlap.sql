{{ config(tags=['oracle']) }}
-- A span of the history ends after it began, and not after the next one begins.
with spans as (

    select
        customer_id,
        valid_from,
        valid_to,
        lead(valid_from) over (
            partition by customer_id
            order by valid_from asc nulls last
        ) as next_from
    from {{ ref('customer_history') }}

)

select * from spans
where
    valid_to <= valid_from
    or (next_from is not null and valid_to is null)
    or next_from < valid_to
