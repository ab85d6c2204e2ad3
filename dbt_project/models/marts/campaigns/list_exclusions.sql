{{ config(materialized="table") }}

-- Who qualifies and was stopped; who does not qualify has no row.

with stopped as (

    select
        list_code,
        customer_id,
        exclusion_code as reason_code,
        exclusion_reason as reason
    from {{ ref('int_list_stops') }}
    where ineligible_code is null

),

left_out as (

    select
        list_code,
        customer_id,
        left_out_code as reason_code,
        left_out_reason as reason
    from {{ ref('int_list_assignments') }}
    where left_out_code is not null

),

unioned as (

    select * from stopped
    union all
    select * from left_out

),

exclusions as (

    select
        list_code,
        {{ as_of() }} as as_of,
        customer_id,
        reason_code,
        reason
    from unioned

)

select * from exclusions
