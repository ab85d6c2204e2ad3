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
        count(*) as active_customers,
        sum(orders) as orders,
        sum(net_sales) as net_sales,
        sum(contribution_margin) as contribution_margin
    from {{ ref('int_customer_months') }}
    group by cohort_by, cohort_month, age_month

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

final as (

    select
        grid.cohort_by,
        grid.cohort_month,
        grid.age_month,
        cast(grid.cohort_size as integer) as cohort_size,
        cast(coalesce(activity.active_customers, 0) as integer) as active_customers,
        cast(coalesce(activity.orders, 0) as integer) as orders,
        cast(coalesce(activity.net_sales, 0) as numeric(18, 2)) as net_sales,
        cast(coalesce(activity.contribution_margin, 0) as numeric(18, 2))
            as contribution_margin,
        cast(
            sum(coalesce(activity.contribution_margin, 0)) over (
                partition by grid.cohort_by, grid.cohort_month
                order by grid.age_month asc nulls last
            ) as numeric(18, 2)
        ) as cumulative_margin,
        -- The last who joined in that month have lived the whole age, and refunds are in.
        {{ add_days(
            add_months(
                add_days(add_months('grid.cohort_month', 1), -1),
                'grid.age_month + 1'
            ),
            var('settle_days')
        ) }} <= {{ as_of() }} as is_mature
    from grid
    left join activity
        on
            grid.cohort_by = activity.cohort_by
            and grid.cohort_month = activity.cohort_month
            and grid.age_month = activity.age_month

)

select * from final
