{{ config(tags=['oracle']) }}
-- Cohorts by the first purchase again, straight from orders; nothing is lost between the ages.
with orders as (

    select
        customer_id,
        ordered_on,
        case when is_qualifying then net_sales else 0 end as net_sales,
        case when is_qualifying then contribution_margin else 0 end as contribution_margin
    from {{ ref('fct_orders') }}
    where
        is_qualifying
        or is_value_unknown

),

firsts as (

    select
        customer_id,
        min(ordered_on) as first_on
    from orders
    group by customer_id

),

recomputed as (

    select
        {{ month_start('firsts.first_on') }} as cohort_month,
        {{ months_between('firsts.first_on', 'orders.ordered_on') }} as age_month,
        count(distinct orders.customer_id) as active_customers,
        count(*) as orders,
        sum(orders.net_sales) as net_sales,
        sum(orders.contribution_margin) as contribution_margin
    from orders
    inner join firsts on orders.customer_id = firsts.customer_id
    group by
        {{ month_start('firsts.first_on') }},
        {{ months_between('firsts.first_on', 'orders.ordered_on') }}

),

cohorts as (

    select *
    from {{ ref('cohort_months') }}
    where cohort_by = 'first'

)

select
    coalesce(cohorts.cohort_month, recomputed.cohort_month) as cohort_month,
    coalesce(cohorts.age_month, recomputed.age_month) as age_month
from cohorts
full outer join recomputed
    on
        cohorts.cohort_month = recomputed.cohort_month
        and cohorts.age_month = recomputed.age_month
where
    cohorts.cohort_month is null
    or cohorts.active_customers <> coalesce(recomputed.active_customers, 0)
    or cohorts.orders <> coalesce(recomputed.orders, 0)
    or cohorts.net_sales <> coalesce(recomputed.net_sales, 0)
    or cohorts.contribution_margin <> coalesce(recomputed.contribution_margin, 0)
    or cohorts.active_customers > cohorts.cohort_size
