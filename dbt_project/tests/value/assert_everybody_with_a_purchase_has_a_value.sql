-- As many rows as purchase summaries, each with a score: no history fell out of the join.
with summaries as (

    select count(*) as people from {{ ref('customer_purchase_summaries') }}

),

lifetime_values as (

    select
        count(*) as people,
        count(purchase_probability_12m) as scored
    from {{ ref('customer_lifetime_values') }}

)

select
    summaries.people,
    lifetime_values.people as valued,
    lifetime_values.scored
from summaries
cross join lifetime_values
where
    summaries.people <> lifetime_values.people
    or summaries.people <> lifetime_values.scored
