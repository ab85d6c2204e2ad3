{{ config(tags=["after_scores"]) }}

-- Of people without contracts some leave in any year, so a ratio below one is no alarm. What the
-- model expects of the same people had nobody left in the last twelve months stands beside it.
with customers as (

    select * from {{ ref('int_customer_years') }}

),

scores as (

    select * from {{ source('scores', 'year_ago_scores') }}
    where as_of = {{ as_of() }}

),

spend as (

    {{ spend_parameters() }}

),

factors as (

    select * from {{ ref('int_spend_factors') }}

),

valued as (

    select
        customers.years_end,
        customers.net_sales_before,
        customers.net_sales,
        cast(scores.probability_alive * scores.expected_orders_if_kept_12m as numeric(18, 6))
            as orders_if_kept,
        {{ expected_order_value(
            modelled=expected_spend(
                purchase_days='customers.valued_purchase_days',
                total='customers.net_sales_so_far',
            ),
            spend_factor='factors.spend_factor',
            monetary_value=monetary_value(
                'customers.net_sales_so_far', 'customers.valued_purchase_days'
            ),
            usual_value='null',
        ) }} as order_value
    from customers
    cross join spend
    left join factors
        on {{ frequency_band('customers.frequency') }} = factors.frequency_band
    left join scores
        on {{ same_history('customers', 'scores') }}

),

summed as (

    select
        years_end,
        count(*) as customers,
        sum(net_sales_before) as net_sales_before,
        sum(net_sales) as net_sales,
        sum(cast(orders_if_kept * order_value as numeric(28, 6))) as net_sales_if_kept
    from valued
    group by years_end

),

final as (

    select
        {{ add_days('years_end', -1) }} as until_on,
        cast(customers as integer) as customers,
        cast(net_sales_before as numeric(18, 2)) as net_sales_before,
        cast(net_sales as numeric(18, 2)) as net_sales,
        {{ ratio('net_sales', 'net_sales_before', 4) }} as revenue_retention,
        cast(net_sales_if_kept as numeric(18, 2)) as net_sales_if_kept,
        {{ ratio('net_sales_if_kept', 'net_sales_before', 4) }} as retention_if_kept
    from summed

)

select * from final
