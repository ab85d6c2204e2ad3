{{ config(post_hook="{{ analyze() }}") }}

with units as (

    select * from {{ ref('int_units_unioned') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

lives as (

    select * from {{ ref('int_category_lives') }}
    where ends >= {{ var('unit_life_min_ends') }}

),

cases as (

    select
        unit_id,
        sum(case when kind in ('repair', 'warranty_claim') then 1 else 0 end) as repairs,
        sum(service_cost) as service_cost
    from {{ ref('fct_service_cases') }}
    where unit_id is not null
    group by unit_id

),

described as (

    select
        units.*,
        products.category,
        products.list_price,
        products.warranty_months,
        products.service_interval_months,
        coalesce(lives.median_life_months, products.expected_life_months) as life_months,
        case
            when lives.median_life_months is not null then 'measured'
            when products.expected_life_months is not null then 'declared'
        end as life_known_by,
        {{ months_between('units.purchased_on', as_of()) }} as age_months
    from units
    left join products on units.product_id = products.product_id
    left join lives on products.category = lives.category

),

final as (

    select
        ---------- ids
        described.unit_id,
        coalesce(customers.customer_id, {{ unknown_customer() }}) as customer_id,
        described.product_id,
        described.category,
        described.order_id,

        ---------- what
        described.known_by,
        described.quantity,
        case when described.retired_on is null then 'owned' else 'retired' end as status,
        described.retired_how,

        ---------- dates
        described.purchased_on,
        described.registered_on,
        coalesce(
            described.warranty_ends_on,
            {{ add_months('described.purchased_on', 'described.warranty_months') }}
        ) as warranty_ends_on,
        described.last_serviced_on,
        case
            when described.retired_on is null
                then coalesce(
                    described.next_service_due_on,
                    {{ add_months(
                        'coalesce(described.last_serviced_on, described.purchased_on)',
                        'described.service_interval_months'
                    ) }}
                )
        end as next_service_due_on,
        described.retired_on,

        ---------- its life
        cast(described.life_months as integer) as life_months,
        described.life_known_by,
        {{ add_months('described.purchased_on', 'described.life_months') }}
            as expected_end_of_life_on,

        ---------- repairs and money
        cast(coalesce(cases.repairs, 0) as integer) as repairs,
        cast(coalesce(cases.service_cost, 0) as numeric(14, 2)) as service_cost,
        cast(
            case
                when described.retired_on is null
                    then described.list_price * {{ trade_in_share(
                        'described.category', 'floor(described.age_months / 12.0)'
                    ) }}
            end
            as numeric(14, 2)
        ) as trade_in_value
    from described
    left join customers on described.source_customer_id = customers.customer_id
    left join cases on described.unit_id = cases.unit_id

)

select * from final
