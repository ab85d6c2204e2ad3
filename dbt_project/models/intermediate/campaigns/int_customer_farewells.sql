{{ config(post_hook="{{ analyze() }}") }}

-- Whom nobody may write to or call any more: they have died, or asked to be erased. A report or
-- request that was taken back does not count.

with deaths as (

    {{ union_systems('deaths') }}

),

erasure_requests as (

    {{ union_systems('erasure_requests') }}

),

unioned as (

    select
        customer_id,
        1 as death,
        0 as erasure
    from deaths
    where not is_withdrawn

    union all

    select
        customer_id,
        0 as death,
        1 as erasure
    from erasure_requests
    where not is_withdrawn

),

farewells as (

    select
        customer_id,
        max(death) = 1 as is_deceased,
        max(erasure) = 1 as is_erasure_requested
    from unioned
    group by customer_id

)

select * from farewells
