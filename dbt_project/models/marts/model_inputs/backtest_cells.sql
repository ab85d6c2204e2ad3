with

-- In the order of its groups, in which it was written: cheaper than keeping decimal sums of all of
-- them in memory.
known as (

    select * from {{ ref('int_backtest_known_days') }}
    order by
        origin asc nulls last,
        customer_id asc nulls last

),

purchase_days as (

    select * from {{ ref('int_backtest_purchase_days') }}

),

origins as (

    select * from {{ ref('backtest_origins') }}

),

features as (

    select
        known.origin,
        known.customer_id,
        count(*) - 1 as frequency,
        {{ days_between('min(known.ordered_on)', 'max(known.ordered_on)') }} as recency_days,
        {{ days_between('min(known.ordered_on)', 'known.origin') }} as customer_age_days,
        {{ average('known.value', 6) }} as monetary_value,
        count(case when known.ordered_on > origins.recent_after then 1 end) as recent_purchases,
        coalesce(
            sum(case when known.ordered_on > origins.recent_after then known.value end), 0
        ) as recent_value
    from known
    inner join origins on known.origin = origins.origin
    group by known.origin, known.customer_id

),

outcomes as (

    select
        origins.origin,
        purchase_days.customer_id,
        count(*) as actual_purchases,
        sum(purchase_days.value) as actual_value
    from purchase_days
    inner join origins
        on
            purchase_days.ordered_on > origins.origin
            and purchase_days.ordered_on <= origins.ends_on
    group by origins.origin, purchase_days.customer_id

),

judged as (

    select
        features.origin,
        cast(features.frequency as integer) as frequency,
        features.recency_days,
        features.customer_age_days,
        cast(features.monetary_value as numeric(18, 6)) as monetary_value,
        cast(features.recent_purchases as integer) as recent_purchases,
        cast(features.recent_value as numeric(18, 2)) as recent_value,
        cast(coalesce(outcomes.actual_purchases, 0) as integer) as actual_purchases,
        cast(coalesce(outcomes.actual_value, 0) as numeric(18, 2)) as actual_value
    from features
    left join outcomes
        on
            features.origin = outcomes.origin
            and features.customer_id = outcomes.customer_id

),

final as (

    select
        judged.*,
        count(*) as customers
    from judged
    group by
        origin,
        frequency,
        recency_days,
        customer_age_days,
        monetary_value,
        recent_purchases,
        recent_value,
        actual_purchases,
        actual_value

)

select * from final
