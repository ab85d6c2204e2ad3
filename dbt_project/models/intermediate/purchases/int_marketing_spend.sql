{{ config(materialized="view") }}
{%- set reporting_currency = "'" ~ var("reporting_currency") | upper ~ "'" %}
{%- set months_of_a_habit = 3 %}

-- What winning customers cost in the reporting currency, at the rate of the day that its row names,
-- the first of the month. Null where nobody knows that rate, where it makes more of an amount than
-- columns of money carry, and of a channel that told its spend month by month and says nothing of
-- the next, of which others do.
with delivered as (

    {{ union_systems('marketing_spend') }}

),

spent as (

    select
        {{ month_start('month') }} as month,
        channel,
        {{ upper_case('currency') }} as currency,
        cast(amount as numeric(20, 2)) as amount
    from delivered
    where month <= {{ as_of() }}

),

days_abroad as (

    select distinct
        currency,
        month as on_day
    from spent
    where currency <> {{ reporting_currency }}

),

day_rates as (

    {{ rates_of_days('days_abroad') }}

),

valued as (

    select
        spent.month,
        spent.channel,
        case
            when spent.currency = {{ reporting_currency }} then spent.amount
            else {{ carried('round(spent.amount * day_rates.rate, 2)') }}
        end as amount
    from spent
    left join day_rates
        on
            spent.currency = day_rates.currency
            and spent.month = day_rates.on_day

),

told as (

    select distinct
        month,
        channel
    from spent

),

in_turn as (

    select
        channel,
        month,
        lag(month, {{ months_of_a_habit - 1 }}) over (
            partition by channel order by month asc nulls last
        ) as habit_began,
        lead(month) over (
            partition by channel order by month asc nulls last
        ) as next_told
    from told

),

fallen_silent as (

    select
        {{ add_months('month', 1) }} as month,
        channel
    from in_turn
    where
        habit_began = {{ add_months('month', 1 - months_of_a_habit) }}
        and coalesce(next_told > {{ add_months('month', 1) }}, true)

),

final as (

    select
        month,
        channel,
        cast(amount as numeric(14, 2)) as amount
    from valued
    union all
    select
        month,
        channel,
        cast(null as numeric(14, 2)) as amount
    from fallen_silent
    where month in (select told.month from told)

)

select * from final
