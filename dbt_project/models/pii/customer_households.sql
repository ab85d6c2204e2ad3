{{ config(post_hook="{{ analyze() }}") }}

-- Who lives with whom tonight: people at one address in normal form. More than household_max_people
-- are a care home, an office or a mistake, and no household.

with homes as (

    select
        customer_id,
        home_key
    from {{ ref('customer_homes') }}
    where home_key is not null

),

placed as (

    select
        customer_id,
        first_value(customer_id) over (
            partition by home_key
            order by {{ text_order('customer_id') }} asc nulls last
        ) as household_id,
        count(*) over (partition by home_key) as people
    from homes

),

households as (

    select
        customer_id,
        household_id,
        people
    from placed
    where people between 2 and {{ var('household_max_people') }}

)

select * from households
