with numbers as (

    {{ numbers() }}

),

cohorts as (

    select
        'first' as cohort_by,
        {{ month_start('first_purchase_on') }} as cohort_month,
        count(*) as cohort_size
    from {{ ref('int_customer_purchases') }}
    where first_purchase_on is not null
    group by {{ month_start('first_purchase_on') }}
    union all
    select
        'second' as cohort_by,
        {{ month_start('second_purchase_on') }} as cohort_month,
        count(*) as cohort_size
    from {{ ref('int_customer_purchases') }}
    where second_purchase_on is not null
    group by {{ month_start('second_purchase_on') }}

),

activity as (

    select
        cohort_by,
        cohort_month,
        age_month,
        sum(case when orders > 0 then 1 else 0 end) as active_customers,
        sum(orders) as orders,
        sum(net_sales) as net_sales,
        sum(contribution_margin) as contribution_margin
    from {{ ref('int_customer_months') }}
    group by cohort_by, cohort_month, age_month

),

-- Second purchases by their age from the first.
second_purchases as (

    select
        {{ month_start('first_purchase_on') }} as cohort_month,
        {{ months_between('first_purchase_on', 'second_purchase_on') }} as age_month,
        count(*) as customers
    from {{ ref('int_customer_purchases') }}
    where second_purchase_on is not null
    group by
        {{ month_start('first_purchase_on') }},
        {{ months_between('first_purchase_on', 'second_purchase_on') }}

),

acquisition as (

    select
        'first' as cohort_by,
        month,
        spend
    from {{ ref('acquisition_costs') }}
    where channel = '(all)'

),

-- Every age the cohort has begun, silent ones included.
grid as (

    select
        cohorts.cohort_by,
        cohorts.cohort_month,
        numbers.n as age_month,
        cohorts.cohort_size
    from cohorts
    inner join numbers
        on {{ add_months('cohorts.cohort_month', 'numbers.n') }} <= {{ as_of() }}

),

summed as (

    select
        grid.*,
        coalesce(activity.active_customers, 0) as active_customers,
        coalesce(activity.orders, 0) as orders,
        coalesce(activity.net_sales, 0) as net_sales,
        coalesce(activity.contribution_margin, 0) as contribution_margin,
        sum(coalesce(activity.contribution_margin, 0)) over (
            partition by grid.cohort_by, grid.cohort_month
            order by grid.age_month asc nulls last
        ) as cumulative_margin,
        sum(coalesce(second_purchases.customers, 0)) over (
            partition by grid.cohort_by, grid.cohort_month
            order by grid.age_month asc nulls last
        ) as repeat_customers,
        max(case when grid.age_month = 0 then activity.net_sales end) over (
            partition by grid.cohort_by, grid.cohort_month
        ) as first_net_sales,
        acquisition.spend as acquisition_cost
    from grid
    left join activity
        on
            grid.cohort_by = activity.cohort_by
            and grid.cohort_month = activity.cohort_month
            and grid.age_month = activity.age_month
    left join second_purchases
        on
            grid.cohort_by = 'first'
            and grid.cohort_month = second_purchases.cohort_month
            and grid.age_month = second_purchases.age_month
    left join acquisition
        on
            grid.cohort_by = acquisition.cohort_by
            and grid.cohort_month = acquisition.month

),

final as (

    select
        cohort_by,
        cohort_month,
        age_month,
        cast(cohort_size as integer) as cohort_size,
        cast(active_customers as integer) as active_customers,
        cast(orders as integer) as orders,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(contribution_margin as numeric(18, 2)) as contribution_margin,
        cast(cumulative_margin as numeric(18, 2)) as cumulative_margin,
        cast(case when cohort_by = 'first' then repeat_customers end as integer)
            as repeat_customers,
        cast(acquisition_cost as numeric(18, 2)) as acquisition_cost,
        cumulative_margin >= acquisition_cost as is_paid_back,
        {{ payback_month('cohort_by, cohort_month') }} as payback_month,
        {{ ratio('net_sales', 'first_net_sales', 4) }} as revenue_retention,
        {{ ratio(
            "case when cohort_by = 'first' then repeat_customers end",
            'cohort_size',
            4,
        ) }} as repeat_rate,
        -- The last who joined in that month have lived the whole age, and refunds are in.
        {{ add_days(
            add_months(
                add_days(add_months('cohort_month', 1), -1),
                'age_month + 1'
            ),
            var('settle_days')
        ) }} <= {{ as_of() }} as is_mature
    from summed

)

select * from final
