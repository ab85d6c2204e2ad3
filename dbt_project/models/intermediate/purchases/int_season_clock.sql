{{ config(post_hook="{{ analyze() }}") }}

-- A clock that runs faster where people buy more: what a day of each month is worth, by what active
-- customers ordered again in that month of the calendar, over the last whole years.
with complete as (

    select
        month,
        extract(month from month) as calendar_month,
        orders - newcomers as repeat_orders,
        cast(active_at_start as bigint) * {{ days_between('month', add_months('month', 1)) }}
            as customer_days,
        row_number() over (order by month desc nulls last) as months_ago,
        count(*) over () as months
    from {{ ref('company_months') }}
    where
        is_complete
        and active_at_start > 0

),

whole_years as (

    select * from complete
    where months_ago <= months - mod(months, 12)

),

calendar as (

    select
        calendar_month,
        sum(repeat_orders) as repeat_orders,
        sum(customer_days) as customer_days
    from whole_years
    group by calendar_month

),

usual as (

    select {{ ratio('sum(repeat_orders)', 'sum(customer_days)', 12) }} as orders_a_day
    from calendar

),

-- a calendar month that has seen few orders is drawn towards an ordinary one
indices as (

    select
        calendar.calendar_month,
        {{ ratio(
            'calendar.repeat_orders + ' ~ var('season_credibility_orders'),
            'calendar.customer_days * usual.orders_a_day + '
            ~ var('season_credibility_orders'),
            4
        ) }} as season_index
    from calendar
    cross join usual

),

first_month as (

    select min(month) as month from {{ ref('company_months') }}

),

numbers as (

    {{ numbers() }}

),

spine as (

    select {{ add_months('first_month.month', 'numbers.n') }} as month
    from first_month
    cross join numbers
    where {{ add_months('first_month.month', 'numbers.n') }} <= {{ as_of() }}

),

months as (

    select
        spine.month,
        {{ days_between('spine.month', add_months('spine.month', 1)) }} as days,
        coalesce(indices.season_index, 1) as season_index,
        indices.season_index is not null as is_measured
    from spine
    left join indices on extract(month from spine.month) = indices.calendar_month

),

final as (

    select
        month,
        cast(season_index as numeric(8, 4)) as season_index,
        cast(
            sum(days * season_index) over (order by month asc nulls last) - days * season_index
            as numeric(14, 4)
        ) as days_before,
        is_measured
    from months

)

select * from final
