{{ config(materialized="table", post_hook="{{ analyze() }}") }}

-- Whom nobody may write to or call any more: they have died, asked to be erased, or may have.

with farewells as (

    select
        customer_id,
        max(case when stop_code = 'deceased' then 1 else 0 end) = 1 as is_deceased,
        max(case when stop_code = 'erased' then 1 else 0 end) = 1 as is_erasure_requested,
        max(case when stop_code = 'farewell_in_doubt' then 1 else 0 end) = 1 as is_in_doubt
    from {{ ref('int_contact_stops') }}
    where stop_code in ('deceased', 'erased', 'farewell_in_doubt')
    group by customer_id

)

select * from farewells
