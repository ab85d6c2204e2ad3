{%- set segments = ['acquisition_channel', 'first_category'] %}

with began_alike as (

    select * from {{ ref('int_cohort_beginnings') }}

),

active_alike as (

    select * from {{ ref('int_cohort_activity') }}

),

began as (

    {% for segment_by in segments -%}
    select
        '{{ segment_by }}' as segment_by,
        {{ segment_by }} as segment,
        cohort_month,
        repeat_age_month,
        customers
    from began_alike
    where {{ segment_by }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

cohorts as (

    select
        segment_by,
        segment,
        cohort_month,
        sum(customers) as cohort_size
    from began
    group by segment_by, segment, cohort_month

),

repeats as (

    select
        segment_by,
        segment,
        cohort_month,
        repeat_age_month as age_month,
        sum(customers) as customers
    from began
    where repeat_age_month is not null
    group by segment_by, segment, cohort_month, repeat_age_month

),

activity as (

    {% for segment_by in segments -%}
    select
        '{{ segment_by }}' as segment_by,
        {{ segment_by }} as segment,
        cohort_month,
        age_month,
        sum(active_customers) as active_customers,
        sum(net_sales) as net_sales,
        sum(contribution_margin) as contribution_margin
    from active_alike
    where {{ segment_by }} is not null
    group by {{ segment_by }}, cohort_month, age_month
    {{ 'union all' if not loop.last }}
    {% endfor %}
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

-- Spend is told by channel; of the people who begin with one category nobody knows what they cost,
-- nor of those of a channel in a month in which others may have come by it too.
acquisition as (

    select
        'acquisition_channel' as segment_by,
        channel as segment,
        month as cohort_month,
        spend
    from {{ ref('acquisition_costs') }}
    where
        channel <> '(all)'
        and cost_per_newcomer is not null

),

summed as (

    select
        grid.segment_by,
        grid.segment,
        grid.cohort_month,
        grid.age_month,
        grid.cohort_size,
        grid.is_mature,
        acquisition.spend as acquisition_cost,
        coalesce(activity.active_customers, 0) as active_customers,
        coalesce(activity.net_sales, 0) as net_sales,
        max(case when grid.age_month = 0 then activity.net_sales end) over (
            partition by grid.segment_by, grid.segment, grid.cohort_month
        ) as first_net_sales,
        sum(coalesce(activity.contribution_margin, 0)) over (
            partition by grid.segment_by, grid.segment, grid.cohort_month
            order by grid.age_month asc nulls last
        ) as cumulative_margin,
        sum(coalesce(repeats.customers, 0)) over (
            partition by grid.segment_by, grid.segment, grid.cohort_month
            order by grid.age_month asc nulls last
        ) as repeat_customers
    from grid
    left join acquisition
        on
            grid.segment_by = acquisition.segment_by
            and grid.segment = acquisition.segment
            and grid.cohort_month = acquisition.cohort_month
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

),

final as (

    select
        segment_by,
        segment,
        cohort_month,
        age_month,
        cast(cohort_size as integer) as cohort_size,
        cast(active_customers as integer) as active_customers,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(cumulative_margin as numeric(18, 2)) as cumulative_margin,
        cast(repeat_customers as integer) as repeat_customers,
        cast(acquisition_cost as numeric(18, 2)) as acquisition_cost,
        {{ payback_month('segment_by, segment, cohort_month') }} as payback_month,
        {{ ratio('net_sales', 'first_net_sales', 4) }} as revenue_retention,
        {{ ratio('repeat_customers', 'cohort_size', 4) }} as repeat_rate,
        is_mature
    from summed

)

select * from final
