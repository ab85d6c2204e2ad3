{{ config(enabled="make_it_right" in var("lists"), materialized="view") }}

-- What else somebody should know of who calls about a case that let them down: the person's other
-- cases that are unsolved, or went wrong too and were not put right.

with troubles as (

    select * from {{ ref('int_case_troubles') }}

)

select
    let_downs.case_id,
    cast(count(*) as integer) as other_cases_count,
    {{ dbt.listagg('others.case_id', "', '", 'order by ' ~ text_order('others.case_id')) }}
        as other_cases
from troubles as let_downs
inner join troubles as others
    on
        let_downs.customer_id = others.customer_id
        and let_downs.case_id <> others.case_id
where
    let_downs.has_let_down
    and (
        (others.is_unsolved and others.merged_into_case_id is null)
        or (others.has_let_down and others.ineligible_code is null)
    )
group by let_downs.case_id
