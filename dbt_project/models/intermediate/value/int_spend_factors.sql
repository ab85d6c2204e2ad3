{{ config(post_hook="{{ analyze() }}") }}

{%- set settled = add_days(as_of(), -var('settle_days')) %}
{%- set origin = add_days(as_of(), -365 - var('settle_days')) %}

-- Gamma-Gamma takes spend to be independent of frequency. Where frequent buyers spend more, or
-- less, than it expects of them, last year says by how much: what customers known a year ago (and
-- a month, for refunds) spent on each later purchase day, against what their history then had one
-- expect. Few later days count little.
with

-- In the order of their groups, which is how fct_orders was written: cheaper than keeping decimal
-- sums of all days in memory.
orders as (

    select
        customer_id,
        ordered_on,
        net_sales
    from {{ ref('fct_orders') }}
    where
        is_qualifying
        and ordered_on <= {{ settled }}
    order by
        customer_id asc nulls last,
        ordered_on asc nulls last

),

purchase_days as (

    select
        customer_id,
        ordered_on,
        sum(net_sales) as net_sales
    from orders
    group by
        customer_id,
        ordered_on

),

spend as (

    {{ spend_parameters() }}

),

customers as (

    select
        customer_id,
        sum(case when ordered_on <= {{ origin }} then 1 else 0 end) as days_before,
        sum(case when ordered_on <= {{ origin }} then net_sales else 0 end) as sales_before,
        sum(case when ordered_on > {{ origin }} then 1 else 0 end) as days_after,
        sum(case when ordered_on > {{ origin }} then net_sales else 0 end) as sales_after
    from purchase_days
    group by customer_id

),

expected as (

    select
        {{ frequency_band('customers.days_before - 1') }} as frequency_band,
        customers.days_after,
        customers.sales_after,
        customers.days_after
        * {{ expected_spend('customers.days_before', 'customers.sales_before') }}
            as expected_after
    from customers
    cross join spend
    where
        customers.days_before > 0
        and customers.days_after > 0
        and spend.q + spend.p * customers.days_before > 1

),

summed as (

    select
        frequency_band,
        sum(days_after) as purchase_days,
        {{ ratio('sum(sales_after)', 'sum(expected_after)', 6) }} as spent_to_expected
    from expected
    group by frequency_band

),

final as (

    select
        frequency_band,
        cast(purchase_days as integer) as purchase_days,
        cast(spent_to_expected as numeric(18, 6)) as spent_to_expected,
        case
            when purchase_days < {{ var('spend_factor_fewest_days') }} then cast(1 as numeric(8, 4))
            else cast(
                round(
                    1 + (spent_to_expected - 1)
                    * {{ credibility('purchase_days', var('spend_factor_credibility')) }},
                    4
                ) as numeric(8, 4)
            )
        end as spend_factor
    from summed

)

select * from final
