{#- Hold-outs as long as a quarter are cut at ends of quarters, shorter ones every four weeks. -#}
{%- set quarterly_from, quarters_differ, a_fourth_sunday = 91, 2, "cast('1900-01-21' as date)" %}

-- The same origins from one night to the next: ends of calendar quarters, or Sundays four weeks
-- apart. What is known at one is at least nearly as long as its hold-out, since quarters differ by
-- two days, and hold-outs have settled. They may overlap.
with company as (

    select
        first_purchase_on,
        holdout_days,
        {{ add_days('settled_on', '-holdout_days') }} as latest
    from {{ ref('backtest_window') }}
    where holdout_days is not null

),

steps as (

    select n as step
    from ({{ numbers() }}) as numbers
    where n < {{ var('backtest_origins') }}

),

cuts as (

    select
        company.first_purchase_on,
        company.holdout_days,
        case
            when company.holdout_days >= {{ quarterly_from }} then {{ add_days(
                add_months(quarter_start(add_days('company.latest', 1)), '-3 * steps.step'), -1
            ) }}
            else {{ add_days(
                'company.latest',
                '-mod(' ~ days_between(a_fourth_sunday, 'company.latest')
                ~ ', 28) - 28 * steps.step'
            ) }}
        end as origin
    from company
    cross join steps

),

final as (

    select
        origin,
        first_purchase_on as starts_on,
        {{ add_days('origin', 'holdout_days') }} as ends_on,
        {{ add_days('origin', '-holdout_days') }} as recent_after
    from cuts
    where origin >= {{ add_days('first_purchase_on', 'holdout_days - ' ~ quarters_differ) }}

)

select * from final
