{{ config(enabled="second_purchase" in var("lists"), post_hook="{{ analyze() }}") }}

-- P(second purchase within the horizon | none by this day), from the company's own curve.

with bounds as (

    select * from {{ ref('second_purchase_bounds') }}

),

curve as (

    select * from {{ ref('second_purchase_curve') }}

),

days as (

    select distinct
        {{ days_between('customers.first_purchase_on', as_of()) }} as days_since_first
    from {{ ref('dim_customers') }} as customers
    where customers.relationship_status = 'trial'

),

days_in_window as (

    select
        days.days_since_first,
        {{ list_threshold('second_purchase', 'horizon_days') }} as horizon_days
    from days
    cross join bounds
    where days.days_since_first between bounds.t_50 and bounds.t_90

),

-- survival never rises, so its value on a day is the lowest at or before that day
survivals as (

    select
        days_in_window.days_since_first,
        coalesce(min(
            case
                when curve.day <= days_in_window.days_since_first
                    then curve.survival
            end
        ), 1) as survival_now,
        coalesce(min(
            case
                when
                    curve.day
                    <= days_in_window.days_since_first + days_in_window.horizon_days
                    then curve.survival
            end
        ), 1) as survival_then
    from days_in_window
    left join curve
        on curve.day <= days_in_window.days_since_first + days_in_window.horizon_days
    group by days_in_window.days_since_first

),

odds as (

    select
        days_since_first,
        case
            when survival_now > 0
                then cast(
                    {{ ratio('survival_now - survival_then', 'survival_now', 6) }} as numeric(9, 6)
                )
        end as p_second
    from survivals

)

select * from odds
