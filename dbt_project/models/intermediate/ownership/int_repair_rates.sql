{{ config(materialized="view") }}
{%- set until = month_start(as_of()) %}
{%- set no_category = "'(none)'" %}

-- What repairs and warranty claims of a category's units have cost in a month of use, up to the end
-- of last month, so that a day alone changes no rate. A category that has had few months of use is
-- drawn to the company's, one that has had none has it. One bought elsewhere counts from when we
-- came to know it: of its repairs before that nobody told us. One that left use nobody says when
-- has no months. Where nobody delivers cases, no rate is known.
with products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

valued as (

    select customer_id from {{ ref('int_customer_value_inputs') }}

),

known as (

    select
        coalesce(category, {{ no_category }}) as category,
        quantity,
        case when order_id is null then coalesce(registered_on, purchased_on) else purchased_on end
            as known_from,
        case
            when status = 'retired' and retired_on is null then null
            else {{ earlier_of('retired_on', until) }}
        end as known_until
    from {{ ref('fct_units') }}

),

units as (

    select
        category,
        case
            when known_from < known_until
                then quantity * {{ days_between('known_from', 'known_until') }}
            else 0
        end as days_used
    from known

),

-- a month is a twelfth of 365.25 days
used as (

    select
        category,
        {{ ratio('sum(days_used)', '30.4375', 4) }} as unit_months
    from units
    group by category

),

-- A case that names no product is of no category: it stays in what serving costs.
repaired as (

    select
        coalesce(products.category, {{ no_category }}) as category,
        sum(cases.service_cost) as repair_cost,
        sum(case when valued.customer_id is not null then cases.service_cost else 0 end)
            as valued_repair_cost
    from {{ ref('fct_service_cases') }} as cases
    left join products on cases.product_id = products.product_id
    left join valued on cases.customer_id = valued.customer_id
    where
        cases.kind in ('repair', 'warranty_claim')
        and cases.product_id is not null
        and cases.opened_on < {{ until }}
    group by coalesce(products.category, {{ no_category }})

),

categories as (

    select
        used.category,
        used.unit_months,
        {%- if are_cases_told() %}
        coalesce(repaired.repair_cost, 0) as repair_cost,
        coalesce(repaired.valued_repair_cost, 0) as valued_repair_cost
        {%- else %}
        cast(null as numeric(18, 2)) as repair_cost,
        cast(null as numeric(18, 2)) as valued_repair_cost
        {%- endif %}
    from used
    left join repaired
        on
            used.category = repaired.category
            and used.unit_months > 0

),

company as (

    select {{ ratio('sum(repair_cost)', 'sum(unit_months)', 10) }} as cost_per_month
    from categories

),

final as (

    select
        categories.category,
        categories.unit_months,
        cast(categories.repair_cost as numeric(18, 2)) as repair_cost,
        cast(categories.valued_repair_cost as numeric(18, 2)) as valued_repair_cost,
        {{ credible_of_total(
            total='categories.repair_cost',
            weight='categories.unit_months',
            prior='company.cost_per_month',
            credibility=var('repair_credibility_months'),
            scale=10,
        ) }} as cost_per_month
    from categories
    cross join company

)

select * from final
