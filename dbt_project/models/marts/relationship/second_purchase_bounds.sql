{{ config(post_hook="{{ analyze() }}") }}

-- t_q = the first day on which the curve reaches the share q of what it reaches in a year.
with curve as (

    select *
    from {{ ref('second_purchase_curve') }}
    where day <= 365

),

year as (

    select
        max(second_share) as share_in_a_year,
        coalesce(sum(events), 0) as events
    from curve

),

bounds as (

    select
        min(case when curve.second_share >= 0.10 * year.share_in_a_year then curve.day end)
            as t_10,
        min(case when curve.second_share >= 0.50 * year.share_in_a_year then curve.day end)
            as t_50,
        min(case when curve.second_share >= 0.90 * year.share_in_a_year then curve.day end)
            as t_90
    from curve
    cross join year

),

{%- set window = var('second_purchase_window_days') %}
{%- set enough = 'year.events >= ' ~ var('second_purchase_min_events') %}

final as (

    select
        case when {{ enough }} then bounds.t_10 else {{ window[0] }} end as t_10,
        case when {{ enough }} then bounds.t_50 else {{ window[1] }} end as t_50,
        case when {{ enough }} then bounds.t_90 else {{ window[2] }} end as t_90,
        cast(year.events as bigint) as events,
        {{ enough }} as is_from_curve
    from bounds
    cross join year

)

select * from final
