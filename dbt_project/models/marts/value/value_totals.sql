{%- set measures = [
    ('orders', '1', '0'),
    ('net_sales', 'order_value', 'order_value'),
    ('net_value', 'net_per_order', 'goods_margin'),
] %}

-- Totals with an interval. Products of three are cut to fewer digits on the way: other engines have
-- 38 in all, and a square of what was not cut would leave few of them before the point. What is
-- squared has more than 18 digits, or DuckDB would give the square no more than those.
-- Customers differ independently of one another, which hardly matters in
-- a large total; what does is that a whole year turns out otherwise than forecast. How far is
-- taken from the backtest: the mean square error of the champion's totals at its origins, which
-- contains season, drift and what was not known of the parameters; of purchases for orders, of net
-- sales for money. A miss counts as much less as less was known then than tonight, in days since
-- the first purchase; and as if some more had missed by a usual amount, for origins are few.
with customers as (

    select
        customer_id,
        frequency,
        recency_days,
        customer_age_days,
        purchase_days,
        -- the first purchase was that many days ago
        {{ month_start(add_days(as_of(), '-customer_age_days')) }} as cohort_month,
        cast(expected_orders_12m as numeric(24, 8)) as orders,
        cast(expected_order_value as numeric(24, 8)) as order_value,
        cast(expected_order_value * margin_rate as numeric(24, 8)) as goods_margin,
        cast(margin_per_order - service_per_order as numeric(24, 8)) as net_per_order
    from {{ ref('int_customers_scored') }}

),

variances as (

    select
        frequency,
        recency_days,
        customer_age_days,
        orders_variance
    from {{ source('scores', 'history_values') }}
    where as_of = {{ as_of() }}

),

spend as (

    {{ spend_parameters() }}

),

champion as (

    {{ champion() }}

),

backtests as (

    select
        figures.origin,
        figures.metric,
        figures.value,
        {{ ratio(
            days_between('champion.began_on', 'figures.origin'),
            days_between('champion.began_on', as_of()),
            8
        ) }} as known_share
    from {{ source('scores', 'model_backtests') }} as figures
    inner join champion on figures.model = champion.model
    where figures.as_of = {{ as_of() }}

),

origins as (

    {% for missed, prefix in [('orders', ''), ('net_sales', 'net_sales_')] -%}
    select
        '{{ missed }}' as missed,
        origin,
        max(known_share) as known_share,
        max(case when metric = '{{ prefix }}expected_total' then value end) as expected,
        max(case when metric = '{{ prefix }}actual_total' then value end) as actual
    from backtests
    group by origin
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

misses as (

    select
        missed,
        known_share,
        {{ ratio('actual - expected', 'expected', 8) }} as miss
    from origins
    where expected > 0

),

forecasts as (

    select
        missed,
        count(*) as origins,
        {{ credible_of_total(
            total='sum(cast(power(miss, 2) * known_share as numeric(24, 12)))',
            weight='count(*)',
            prior=var('pretended_miss') ** 2,
            credibility=var('pretended_misses'),
            scale=12,
        ) }} as squared_error
    from misses
    group by missed

),

spread as {{ computed_once() }} (

    select
        customers.*,
        variances.orders_variance,
        {{ spend_variance(
            orders='customers.orders',
            orders_variance='variances.orders_variance',
            purchase_days='customers.purchase_days',
        ) }} as spend_variance
    from customers
    cross join spend
    inner join variances
        on {{ same_history('customers', 'variances') }}

),

-- Everybody is added up once, into cohorts; the company is the sum of its cohorts.
cohorts as (

    select
        cohort_month,
        {% for measure, each, spending in measures -%}
        cast(sum(orders * {{ each }}) as numeric(38, 8)) as {{ measure }}_expected,
        sum(
            cast({{ each }} * {{ each }} as numeric(38, 10)) * orders_variance
            + cast({{ spending }} * {{ spending }} as numeric(38, 10)) * spend_variance
        ) as {{ measure }}_variance,
        {% endfor -%}
        count(*) as customers
    from spread
    group by cohort_month

),

measured as (

    {% for measure, each, spending in measures -%}
    select
        cohort_month,
        '{{ measure }}' as measure,
        customers,
        {{ measure }}_expected as expected,
        {{ measure }}_variance as variance
    from cohorts
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

summed as (

    select
        'company' as total_of,
        cast(null as date) as cohort_month,
        measure,
        sum(customers) as customers,
        sum(expected) as expected,
        sum(variance) as variance
    from measured
    group by measure

    union all

    select
        'cohort' as total_of,
        cohort_month,
        measure,
        customers,
        expected,
        variance
    from measured

),

bounded as (

    select
        summed.*,
        forecasts.origins,
        forecasts.squared_error,
        {{ var('total_reach') }} * cast(
            sqrt(
                cast(
                    summed.variance
                    + cast(summed.expected * summed.expected as numeric(38, 6))
                    * forecasts.squared_error
                    as numeric(38, 8)
                )
            ) as numeric(28, 8)
        ) as reach
    from summed
    left join forecasts
        on
            forecasts.missed
            = case when summed.measure = 'orders' then 'orders' else 'net_sales' end

),

final as (

    select
        {{ concat_text([
            'total_of',
            "coalesce(' ' || cast(cohort_month as " ~ dbt.type_string() ~ "), '')",
        ]) }} as total,
        total_of,
        cohort_month,
        measure,
        cast(customers as integer) as customers,
        cast(round(expected, 2) as numeric(18, 2)) as expected,
        cast(round(cast(expected - reach as numeric(38, 8)), 2) as numeric(18, 2)) as p10,
        cast(round(cast(expected + reach as numeric(38, 8)), 2) as numeric(18, 2)) as p90,
        cast(coalesce(origins, 0) as integer) as origins,
        cast(round(cast(sqrt(squared_error) as numeric(24, 8)), 4) as numeric(10, 4))
            as forecast_error
    from bounded

)

select * from final
