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

rated as (

    select sum(valued_repair_cost) as repair_cost from rates

),

bought as (

    select sum(purchase_days) as purchase_days from {{ ref('int_customer_value_inputs') }}

),

-- What is taken out are the repairs that the rates put back, and no others.
company as (

    select
        {{ ratio('rated.repair_cost', 'bought.purchase_days', 10) }} as repair_cost_per_order
    from rated
    cross join bought

),

owned as (

    select
        units.customer_id,
        sum(units.quantity) as units_owned,
        {{ sum_if_known(
            'case when units.warranty_ends_on >= ' ~ as_of()
            ~ ' then units.quantity when units.warranty_ends_on is not null then 0 end'
        ) }} as units_in_warranty,
        min(units.next_service_due_on) as next_service_due_on,
        {{ sum_if_known('units.repairs') }} as repairs,
        {{ sum_if_known('units.service_cost') }} as service_cost,
        sum(units.quantity * units.trade_in_value) as trade_in_value,
        {{ sum_if_known('units.quantity * 12 * rates.cost_per_month') }} as repair_cost_12m
    from units
    left join rates on coalesce(units.category, '(none)') = rates.category
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
            - customer_values.expected_orders_12m * company.repair_cost_per_order
            + owned.repair_cost_12m
            as {{ money }}
        ) as cost_to_serve_by_units_12m
    from owned
    cross join company
    left join customer_values on owned.customer_id = customer_values.customer_id

)

select * from final
