{{ config(materialized="view") }}

-- Every day from the first order to the night: what metrics are counted along.
with first_day as (

    select min(ordered_on) as first_on from {{ ref('fct_orders') }}

),

numbers as (

    {{ numbers() }}

),

days as (

    select {{ add_days('first_day.first_on', 'thousands.n * 1000 + ones.n') }} as date_day
    from numbers as ones
    cross join numbers as thousands
    cross join first_day
    where thousands.n < 50

)

select date_day
from days
where date_day <= {{ as_of() }}
