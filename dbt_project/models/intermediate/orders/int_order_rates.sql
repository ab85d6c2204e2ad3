{{ config(
    indexes=[{"columns": ["order_id"], "unique": true}],
    post_hook="{{ analyze() }}",
) }}

-- What a unit of an order's currency was worth on its day, of orders in another currency than the
-- one reported in, unless that makes more of the order than columns of money carry.
{%- set suspicious_rate = 10 %}
with orders as (

    select
        order_id,
        {{ upper_case('currency') }} as currency,
        ordered_on,
        coalesce(shipping_cost, 0) + coalesce(payment_fee, 0) as carriage_and_fee
    from {{ ref('int_orders_unioned') }}
    where {{ upper_case('currency') }} <> '{{ var("reporting_currency") | upper }}'

),

order_days as (

    select distinct
        currency,
        ordered_on as on_day
    from orders

),

day_rates as (

    {{ rates_of_days('order_days') }}

),

rated as (

    select
        orders.order_id,
        orders.carriage_and_fee,
        day_rates.rate
    from orders
    inner join day_rates
        on
            orders.currency = day_rates.currency
            and orders.ordered_on = day_rates.on_day

),

-- Nothing is added up for rates that everybody has.
dear as (

    select * from rated
    where rate >= {{ suspicious_rate }}

),

amounts as (

    select
        order_id,
        carriage_and_fee as amount
    from dear

    union all

    select
        order_id,
        abs(quantity * unit_price) + abs(coalesce(discount, 0)) as amount
    from {{ ref('int_order_lines_unioned') }}
    where order_id in (select dear.order_id from dear)

    union all

    select
        order_id,
        abs(amount) + coalesce(handling_cost, 0) as amount
    from {{ ref('int_refunds_unioned') }}
    where order_id in (select dear.order_id from dear)

),

sizes as (

    select
        order_id,
        sum(amount) as size
    from amounts
    group by order_id

)

select
    rated.order_id,
    rated.rate
from rated
left join sizes on rated.order_id = sizes.order_id
where
    sizes.order_id is null
    or sizes.size < {{ ratio(largest_amount(), 'rated.rate', 2) }}
