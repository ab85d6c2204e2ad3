-- Kaplan-Meier from first to second purchase day, censored where deliveries cannot be complete
-- yet; Greenwood's variance, interval on the log-log scale.
with purchases as (

    select
        first_purchase_on,
        second_purchase_on,
        {{ add_days(as_of(), -1 * var('feed_lag_days')) }} as seen_until
    from {{ ref('int_customer_purchases') }}
    where first_purchase_on is not null

),

spells as (

    select
        case
            when second_purchase_on <= seen_until
                then {{ days_between('first_purchase_on', 'second_purchase_on') }}
            else {{ days_between('first_purchase_on', 'seen_until') }}
        end as day,
        case when second_purchase_on <= seen_until then 1 else 0 end as is_event
    from purchases
    where first_purchase_on <= seen_until

),

days as (

    select
        day,
        count(*) as ended,
        sum(is_event) as events
    from spells
    group by day

),

risks as (

    select
        day,
        events,
        sum(ended) over (order by day desc nulls last) as at_risk
    from days

),

steps as (

    select
        day,
        at_risk,
        events,
        1 - {{ ratio('events', 'at_risk', 20) }} as kept,
        {{ ratio('events', 'at_risk * (at_risk - events)', 20) }} as greenwood
    from risks

),

curve as (

    select
        day,
        at_risk,
        events,
        {{ running_product('kept', 'day asc nulls last') }} as survival,
        sum(greenwood) over (order by day asc nulls last) as greenwood
    from steps

),

spread as (

    select
        curve.*,
        case
            when survival > 0 and survival < 1 and greenwood > 0
                then 1.959964 * sqrt(greenwood) / ln(survival)
        end as half_width
    from curve

),

final as (

    select
        cast(day as integer) as day,
        cast(at_risk as bigint) as at_risk,
        cast(events as bigint) as events,
        cast(survival as numeric(10, 8)) as survival,
        cast(1 - survival as numeric(10, 8)) as second_share,
        cast(1 - power(survival, exp(half_width)) as numeric(10, 8)) as second_share_low,
        cast(1 - power(survival, exp(-half_width)) as numeric(10, 8)) as second_share_high
    from spread

)

select * from final
