{{ config(tags=['oracle']) }}
-- Cohorts by the first purchase again, straight from orders; nothing is lost between the ages.
with orders as (

    select
        customer_id,
        ordered_on,
        is_qualifying
        or is_value_unknown as is_purchase,
        case when is_qualifying then net_sales else 0 end as net_sales,
        case when is_held then 0 else contribution_margin end as contribution_margin
    from {{ ref('fct_orders') }}
    where
        is_value_unknown
        or (
            not is_held
            and status not in ('pending', 'cancelled')
            and order_type not in ('gift_card', 'staff')
        )

),

firsts as (

    select
        customer_id,
        min(ordered_on) as first_on
    from orders
    where is_purchase
    group by customer_id

),

-- what came before the first purchase, and went back, is of age 0
aged as (

    select
        orders.*,
        {{ month_start('firsts.first_on') }} as cohort_month,
        case
            when orders.ordered_on < firsts.first_on then 0
            else {{ months_between('firsts.first_on', 'orders.ordered_on') }}
        end as age_month
    from orders
    inner join firsts on orders.customer_id = firsts.customer_id

),

recomputed as (

    select
        cohort_month,
        age_month,
        count(distinct case when is_purchase then customer_id end) as active_customers,
        sum(case when is_purchase then 1 else 0 end) as orders,
        sum(net_sales) as net_sales,
        sum(contribution_margin) as contribution_margin
    from aged
    group by
        cohort_month,
        age_month

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
