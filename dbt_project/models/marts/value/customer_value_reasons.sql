{{ config(materialized="view") }}

-- Why a value is what it is, in sentences: worked out when somebody asks.

with scored as (

    select * from {{ ref('int_customers_scored') }}

),

customer_values as (

    select * from {{ ref('customer_lifetime_values') }}

),

bounds as (

    select * from {{ ref('second_purchase_bounds') }}

),

facts as (

    select
        scored.customer_id,
        case
            when scored.purchase_days = 1 and bounds.is_from_curve then 'bought_once'
            when scored.purchase_days = 1 then 'bought_once_so_far'
            when scored.median_gap_days is not null then 'rhythm'
            else 'bought_twice'
        end as rhythm_code,
        'arithmetic' as arithmetic_code,
        scored.purchase_days,
        scored.days_since_last,
        scored.recency_days,
        cast(ceil(scored.median_gap_days) as integer) as usual_gap_days,
        bounds.t_50,
        round(scored.expected_orders_12m, 2) as expected_orders,
        round(scored.expected_order_value, 2) as expected_order_value,
        round(100 * scored.margin_rate, 0) as margin_pct,
        round(scored.expected_orders_12m * scored.variable_cost_per_order, 2) as order_costs,
        customer_values.cost_to_serve_12m,
        '{{ var("reporting_currency") }}' as currency
    from scored
    inner join customer_values on scored.customer_id = customer_values.customer_id
    cross join bounds

),

reasons as (

    select
        customer_id,
        {{ shared_sentence('rhythm_code', 'value_reasons', [
            'bought_once', 'bought_once_so_far', 'rhythm', 'bought_twice',
        ]) }} as rhythm,
        {{ shared_sentence('arithmetic_code', 'value_reasons', ['arithmetic']) }} as arithmetic
    from facts

)

select * from reasons
