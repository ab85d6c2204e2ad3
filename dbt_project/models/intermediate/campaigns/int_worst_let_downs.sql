{{ config(enabled="make_it_right" in var("lists"), materialized="view") }}
{%- set look_back_days = list_threshold('make_it_right', 'look_back_days') %}
{#- Severity first, the most recent of equals: the days are a fraction, and below one. -#}
{%- set score %}
cast(
    severity
    + {{ ratio('coalesce(' ~ look_back_days ~ ' - days_waiting, 0)', look_back_days + 1, 16) }}
    as numeric(18, 6)
)
{%- endset %}

-- Of each person the case that let them down worst: one that is still to be put right before any
-- other.

with worst_first as (

    select
        let_downs.*,
        {{ score }} as score,
        row_number() over (
            partition by customer_id
            order by
                case when ineligible_code is null then 0 else 1 end asc,
                {{ score }} desc nulls last,
                {{ text_order('case_id') }} asc nulls last
        ) as place
    from {{ ref('int_case_let_downs') }} as let_downs

)

select * from worst_first
where place = 1
