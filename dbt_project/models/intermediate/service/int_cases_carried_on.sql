{{ config(materialized="view") }}
{%- set rounds = 4 %}

-- The case that carries on in the place of a merged one, which may have been merged itself.
with mergers as (

    select
        case_id,
        merged_into_case_id as into_case_id
    from {{ ref('int_cases_unioned') }}
    where
        merged_into_case_id is not null
        and (merged_at < {{ as_of_end() }} or merged_at is null)

),

step_1 as (

    select * from mergers

),

{% for number in range(2, rounds + 1) -%}
step_{{ number }} as (

    select
        steps.case_id,
        coalesce(mergers.into_case_id, steps.into_case_id) as into_case_id
    from step_{{ number - 1 }} as steps
    left join mergers on steps.into_case_id = mergers.case_id

),

{% endfor -%}
final as (

    select * from step_{{ rounds }}

)

select * from final
