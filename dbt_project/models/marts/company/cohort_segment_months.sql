with firsts as (

    select
        customer_id,
        'acquisition_channel' as segment_by,
        acquisition_channel as segment
    from {{ ref('int_customer_firsts') }}
    where acquisition_channel is not null
    union all
    select
        customer_id,
        'first_category' as segment_by,
        first_category as segment
    from {{ ref('int_customer_firsts') }}
    where first_category is not null

),

purchases as (

    select
        customer_id,
        {{ month_start('first_purchase_on') }} as cohort_month,
        {{ months_between('first_purchase_on', 'second_purchase_on') }} as repeat_age_month
    from {{ ref('int_customer_purchases') }}
    where first_purchase_on is not null

),

cohorts as (

    select
        firsts.segment_by,
        firsts.segment,
        purchases.cohort_month,
        count(*) as cohort_size
    from firsts
    inner join purchases on firsts.customer_id = purchases.customer_id
    group by firsts.segment_by, firsts.segment, purchases.cohort_month

),

repeats as (

    select
        firsts.segment_by,
        firsts.segment,
        purchases.cohort_month,
        purchases.repeat_age_month as age_month,
        count(*) as customers
    from firsts
    inner join purchases on firsts.customer_id = purchases.customer_id
    where purchases.repeat_age_month is not null
    group by
        firsts.segment_by,
        firsts.segment,
        purchases.cohort_month,
        purchases.repeat_age_month

),

activity as (

    select
        firsts.segment_by,
        firsts.segment,
        months.cohort_month,
        months.age_month,
        count(*) as active_customers,
        sum(months.net_sales) as net_sales,
        sum(months.contribution_margin) as contribution_margin
    from {{ ref('int_customer_months') }} as months
    inner join firsts on months.customer_id = firsts.customer_id
    where months.cohort_by = 'first'
    group by firsts.segment_by, firsts.segment, months.cohort_month, months.age_month

),

-- Maturity is the cohort's, whatever the segment.
grid as (

    select
        cohorts.*,
        ages.age_month,
        ages.is_mature
    from cohorts
    inner join {{ ref('cohort_months') }} as ages
        on
            cohorts.cohort_month = ages.cohort_month
            and ages.cohort_by = 'first'

),

final as (

    select
        grid.segment_by,
        grid.segment,
        grid.cohort_month,
        grid.age_month,
        cast(grid.cohort_size as integer) as cohort_size,
        cast(coalesce(activity.active_customers, 0) as integer) as active_customers,
        cast(coalesce(activity.net_sales, 0) as numeric(18, 2)) as net_sales,
        cast(
            sum(coalesce(activity.contribution_margin, 0)) over (
                partition by grid.segment_by, grid.segment, grid.cohort_month
                order by grid.age_month asc nulls last
            ) as numeric(18, 2)
        ) as cumulative_margin,
        cast(
            sum(coalesce(repeats.customers, 0)) over (
                partition by grid.segment_by, grid.segment, grid.cohort_month
                order by grid.age_month asc nulls last
            ) as integer
        ) as repeat_customers,
        grid.is_mature
    from grid
    left join activity
        on
            grid.segment_by = activity.segment_by
            and grid.segment = activity.segment
            and grid.cohort_month = activity.cohort_month
            and grid.age_month = activity.age_month
    left join repeats
        on
            grid.segment_by = repeats.segment_by
            and grid.segment = repeats.segment
            and grid.cohort_month = repeats.cohort_month
            and grid.age_month = repeats.age_month

)

select * from final
