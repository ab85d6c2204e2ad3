with summaries as (

    select * from {{ ref('customer_purchase_summaries') }}

),

economics as (

    select * from {{ ref('int_customer_economics') }}

),

scores as (

    select * from {{ source('scores', 'history_scores') }}
    where as_of = {{ as_of() }}

),

spend as (

    {{ spend_parameters() }}

),

next_orders as (

    select * from {{ source('scores', 'next_orders') }}
    where as_of = {{ as_of() }}

),

factors as (

    select * from {{ ref('int_spend_factors') }}

),

champion as (

    {{ champion() }}

),

scored as (

    select
        summaries.customer_id,
        champion.model as purchase_model,
        champion.run_id as model_version,
        summaries.frequency,
        summaries.recency_days,
        summaries.customer_age_days,
        summaries.purchase_days,
        summaries.days_since_last,
        summaries.median_gap_days,
        scores.probability_alive,
        scores.purchase_probability_12m,
        1 - scores.purchase_probability_12m as churn_probability_12m,
        scores.expected_orders_12m,
        scores.expected_orders_if_active_12m,
        scores.expected_orders_if_kept_12m,
        scores.discounted_expected_orders,
        next_orders.days_p20 as next_order_days_p20,
        next_orders.days_p50 as next_order_days_p50,
        next_orders.days_p80 as next_order_days_p80,
        {{ expected_spend(
            purchase_days='summaries.valued_purchase_days',
            total='coalesce(summaries.valued_purchase_days * summaries.monetary_value, 0)',
        ) }} as modelled_order_value,
        coalesce(factors.spend_factor, 1) as spend_factor,
        summaries.monetary_value,
        economics.margin_rate,
        economics.variable_cost_per_order,
        economics.service_cost_per_order as service_per_order,
        economics.usual_order_value
    from summaries
    cross join spend
    cross join champion
    inner join economics on summaries.customer_id = economics.customer_id
    left join factors
        on {{ frequency_band('summaries.frequency') }} = factors.frequency_band
    left join scores
        on {{ same_history('summaries', 'scores') }}
    left join next_orders
        on {{ same_history('summaries', 'next_orders') }}

),

ordered as (

    select
        scored.*,
        {{ expected_order_value(
            modelled='scored.modelled_order_value',
            spend_factor='scored.spend_factor',
            monetary_value='scored.monetary_value',
            usual_value='scored.usual_order_value',
        ) }} as expected_order_value
    from scored

),

per_order as (

    select
        ordered.*,
        {{ margin_per_order(
            order_value='ordered.expected_order_value',
            margin_rate='ordered.margin_rate',
            variable_cost='ordered.variable_cost_per_order',
        ) }} as margin_per_order
    from ordered

)

select * from per_order
