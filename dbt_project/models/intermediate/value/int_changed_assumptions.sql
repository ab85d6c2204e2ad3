{{ config(post_hook="{{ analyze() }}") }}

-- Settings that have another value than last night, one that a version of ours brought or dropped
-- included.
with before as (

    select
        terms.term,
        terms.subject,
        terms.value
    from {{ source('decisions', 'effective_value_terms') }} as terms
    inner join {{ ref('int_previous_night') }} as previous_night
        on terms.as_of = previous_night.as_of
    where terms.term in ('assumption', 'tier_assumption')

),

tonight as (

    select
        term,
        subject,
        value
    from {{ ref('value_terms') }}
    where term in ('assumption', 'tier_assumption')

)

select
    coalesce(tonight.term, before.term) as term,
    coalesce(tonight.subject, before.subject) as assumption,
    before.value as value_before,
    tonight.value as value_now
from before
full outer join tonight
    on
        before.term = tonight.term
        and before.subject = tonight.subject
cross join {{ ref('int_previous_night') }}
where before.value is distinct from tonight.value
