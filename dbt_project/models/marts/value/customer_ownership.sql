{%- set money = 'numeric(14, 2)' %}

-- Repairs are expected by what people own, at what such units cost everybody: nobody's own bad luck
-- counts. The net value, and so the tier, keeps the company's average instead.
with units as (

    select * from {{ ref('fct_units') }}
    where
        status = 'owned'
        and customer_id <> {{ unknown_customer() }}

),

rates as (

    select * from {{ ref('int_repair_rates') }}

),

customer_values as (

    select
        customer_id,
        expected_orders_12m,
        cost_to_serve_12m
    from {{ ref('customer_lifetime_values') }}

),

served as (

    select
        customer_id,
        sum(service_cost) as repair_cost
    from {{ ref('fct_service_cases') }}
    where kind in ('repair', 'warranty_claim')
    group by customer_id

),

company as (

    select
        {{ ratio('sum(served.repair_cost)', 'sum(inputs.purchase_days)', 10) }}
            as repair_cost_per_order
    from {{ ref('int_customer_value_inputs') }} as inputs
    left join served on inputs.customer_id = served.customer_id

),

owned as (

    select
        units.customer_id,
        sum(units.quantity) as units_owned,
        sum(case when units.warranty_ends_on >= {{ as_of() }} then units.quantity else 0 end)
            as units_in_warranty,
        min(units.next_service_due_on) as next_service_due_on,
        sum(units.repairs) as repairs,
        sum(units.service_cost) as service_cost,
        sum(units.quantity * units.trade_in_value) as trade_in_value,
        sum(units.quantity * 12 * coalesce(rates.cost_per_month, 0)) as repair_cost_12m
    from units
    left join rates on units.category = rates.category
    group by units.customer_id

),

final as (

    select
        owned.customer_id,
        cast(owned.units_owned as integer) as units_owned,
        cast(owned.units_in_warranty as integer) as units_in_warranty,
        owned.next_service_due_on,
        cast(owned.repairs as integer) as repairs,
        cast(owned.service_cost as {{ money }}) as service_cost,
        cast(owned.trade_in_value as {{ money }}) as trade_in_value,
        cast(owned.repair_cost_12m as {{ money }}) as expected_repair_cost_12m,
        cast(
            customer_values.cost_to_serve_12m
            - customer_values.expected_orders_12m * coalesce(company.repair_cost_per_order, 0)
            + owned.repair_cost_12m
            as {{ money }}
        ) as cost_to_serve_by_units_12m
    from owned
    cross join company
    left join customer_values on owned.customer_id = customer_values.customer_id

)

select * from final
