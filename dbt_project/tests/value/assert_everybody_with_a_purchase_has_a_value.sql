-- As many rows as purchase summaries of the living, each with a score: no history fell out of the
-- join.
with summaries as (

    select count(*) as people
    from {{ ref('customer_purchase_summaries') }} as bought
    left join {{ ref('deceased_customers') }} as deceased
        on bought.customer_id = deceased.customer_id
    where deceased.customer_id is null

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
