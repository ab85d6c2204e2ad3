{{ config(
    indexes=[{"columns": ["order_id"], "unique": true}],
    post_hook="{{ analyze() }}",
) }}

-- What a unit of an order's currency was worth on its day, of orders in another currency than the
-- one reported in: the latest rate up to that day, unless it is too old to be the day's.
with rates as (

    {{ union_systems('fx_rates') }}

),

orders as (

    select
        order_id,
        upper(currency) as currency,
        ordered_on
    from {{ ref('int_orders_unioned') }}
    where upper(currency) <> '{{ var("reporting_currency") | upper }}'

),

order_days as (

    select distinct
        currency,
        ordered_on
    from orders

),

placed as (

    select
        order_days.currency,
        order_days.ordered_on,
        rates.rate,
        row_number() over (
            partition by order_days.currency, order_days.ordered_on
            order by rates.rate_on desc nulls last, rates.rate asc nulls last
        ) as place
    from order_days
    inner join rates
        on
            order_days.currency = upper(rates.currency)
            and order_days.ordered_on >= rates.rate_on
            and order_days.ordered_on
            <= {{ add_days('rates.rate_on', var('fx_rate_max_age_days')) }}

)

select
    orders.order_id,
    placed.rate
from orders
inner join placed
    on
        orders.currency = placed.currency
        and orders.ordered_on = placed.ordered_on
        and placed.place = 1
