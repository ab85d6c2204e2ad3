{{ config(materialized="view") }}

-- Kaplan-Meier by category over completed months of age. An end is a trade-in, a recycling or a
-- disposal; sent back, re-sold or still in use, a unit is censored. One bought elsewhere counts
-- from the age at which we came to know it; one that ended nobody says when says nothing.
with products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}
    where category is not null

),

spans as (

    select
        products.category,
        units.purchased_on,
        case when units.order_id is null then units.registered_on else units.purchased_on end
            as known_from,
        coalesce(
            units.retired_on,
            case when units.retired_how is null then {{ as_of() }} end
        ) as known_until,
        case when units.retired_how in ('traded_in', 'recycled', 'disposed') then 1 else 0 end
            as is_end
    from {{ ref('int_units_unioned') }} as units
    inner join products on units.product_id = products.product_id
    where units.known_by <> 'order_line'

),

units as (

    select
        category,
        is_end,
        {{ months_between('purchased_on', 'known_from') }} as known_from_month,
        {{ months_between('purchased_on', 'known_until') }} as last_month
    from spans
    where
        purchased_on <= known_from
        and known_from <= known_until

),

changes as (

    select
        category,
        known_from_month as month,
        count(*) as entered,
        0 as gone,
        0 as ended
    from units
    group by category, known_from_month
    union all
    select
        category,
        last_month + 1 as month,
        0 as entered,
        count(*) as gone,
        0 as ended
    from units
    group by category, last_month
    union all
    select
        category,
        last_month as month,
        0 as entered,
        0 as gone,
        sum(is_end) as ended
    from units
    group by category, last_month

),

months as (

    select
        category,
        month,
        sum(entered - gone) as net_entered,
        sum(ended) as ended
    from changes
    group by category, month

),

risks as (

    select
        category,
        month,
        ended,
        sum(net_entered) over (
            partition by category
            order by month asc nulls last
        ) as at_risk
    from months

),

steps as (

    select
        risks.*,
        1 - {{ ratio('ended', 'at_risk', 20) }} as kept
    from risks
    where at_risk > 0

),

curve as (

    select
        category,
        month,
        ended,
        {{ running_product('kept', 'month asc nulls last', partition_by='category') }} as survival
    from steps

),

final as (

    select
        category,
        cast(sum(ended) as integer) as ends,
        cast(min(case when survival <= 0.5 then month end) as integer) as median_life_months
    from curve
    group by category

)

select * from final
