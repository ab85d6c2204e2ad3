{{ config(post_hook="{{ analyze() }}") }}
{%- set until = month_start(as_of()) %}

-- What repairs and warranty claims of a category's units have cost in a month of use, up to the end
-- of last month, so that a day alone changes no rate. A category that has had few months of use is
-- drawn to the company's. One bought elsewhere counts from when we came to know it: of its repairs
-- before that nobody told us.
with products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}
    where category is not null

),

known as (

    select
        category,
        quantity,
        case when order_id is null then coalesce(registered_on, purchased_on) else purchased_on end
            as known_from,
        {{ earlier_of('retired_on', until) }} as known_until
    from {{ ref('fct_units') }}
    where category is not null

),

units as (

    select
        category,
        quantity * {{ months_between('known_from', 'known_until') }} as unit_months
    from known
    where known_from < known_until

),

used as (

    select
        category,
        sum(unit_months) as unit_months
    from units
    group by category

),

repaired as (

    select
        products.category,
        sum(cases.service_cost) as repair_cost
    from {{ ref('fct_service_cases') }} as cases
    inner join products on cases.product_id = products.product_id
    where
        cases.kind in ('repair', 'warranty_claim')
        and cases.opened_on < {{ until }}
    group by products.category

),

categories as (

    select
        used.category,
        used.unit_months,
        coalesce(repaired.repair_cost, 0) as repair_cost
    from used
    left join repaired on used.category = repaired.category

),

company as (

    select {{ ratio('sum(repair_cost)', 'sum(unit_months)', 10) }} as cost_per_month
    from categories

),

final as (

    select
        categories.category,
        cast(categories.unit_months as integer) as unit_months,
        cast(categories.repair_cost as numeric(18, 2)) as repair_cost,
        {{ credible_of_total(
            total='categories.repair_cost',
            weight='categories.unit_months',
            prior='coalesce(company.cost_per_month, 0)',
            credibility=var('repair_credibility_months'),
            scale=10,
        ) }} as cost_per_month
    from categories
    cross join company

)

select * from final
