{{ config(
    post_hook="{{ analyze(['unit_id', 'customer_id', 'product_id', 'category', 'order_id', 'status']) }}",
) }}

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

owners as (

    select
        unit_id,
        customer_id
    from {{ ref('fct_unit_owners') }}
    where customer_id <> {{ unknown_customer() }}

),

-- A serial that no unit has names none.
cases as (

    select
        cases.case_id,
        named.unit_id,
        cases.customer_id,
        cases.order_id,
        cases.product_id,
        cases.opened_on,
        cases.kind in ('repair', 'warranty_claim') as is_repair,
        cases.service_cost
    from {{ ref('fct_service_cases') }} as cases
    left join units as named on cases.unit_id = named.unit_id

),

-- A case that names no serial is of what its order brought of its product and was still in use, for
-- all we know. Where that is more than one row, nobody knows of which.
meant as (

    select
        case_id,
        unit_id,
        is_repair,
        service_cost,
        1 as candidates
    from cases
    where unit_id is not null
    union all
    select
        cases.case_id,
        units.unit_id,
        cases.is_repair,
        cases.service_cost,
        count(*) over (partition by cases.case_id) as candidates
    from cases
    inner join units
        on
            cases.order_id = units.order_id
            and cases.product_id = units.product_id
    where
        cases.unit_id is null
        and (units.retired_on >= cases.opened_on or units.retired_on is null)

),

-- A repair that is of none of these may be of whatever its customer ever had and was in use then:
-- of that product or, where it names none, of any.
perhaps_repaired as (

    select distinct units.unit_id
    from cases
    left join meant on cases.case_id = meant.case_id
    inner join owners on cases.customer_id = owners.customer_id
    inner join units on owners.unit_id = units.unit_id
    where
        cases.is_repair
        and meant.case_id is null
        and (cases.product_id = units.product_id or cases.product_id is null)
        and (units.purchased_on <= cases.opened_on or units.purchased_on is null)
        and (units.retired_on >= cases.opened_on or units.retired_on is null)

),

served as (

    select
        unit_id,
        sum(case when is_repair then 1 else 0 end) as repairs,
        sum(service_cost) as service_cost,
        max(case when is_repair then candidates else 0 end) > 1 as is_repair_in_doubt,
        max(candidates) > 1 as is_case_in_doubt
    from meant
    group by unit_id

),

described as (

    select
        units.*,
        units.retired_on is not null or units.retired_how is not null as is_retired,
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
        case when described.is_retired then 'retired' else 'owned' end as status,
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
            when not described.is_retired
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
        {%- if are_cases_told() %}
        cast(
            case
                when served.is_repair_in_doubt or perhaps_repaired.unit_id is not null then null
                else coalesce(served.repairs, 0)
            end
            as integer
        ) as repairs,
        cast(
            case
                when served.is_case_in_doubt or perhaps_repaired.unit_id is not null then null
                else coalesce(served.service_cost, 0)
            end
            as numeric(14, 2)
        ) as service_cost,
        {%- else %}
        cast(null as integer) as repairs,
        cast(null as numeric(14, 2)) as service_cost,
        {%- endif %}
        cast(
            case
                when not described.is_retired
                    then described.list_price * {{ trade_in_share(
                        'described.category', 'floor(described.age_months / 12.0)'
                    ) }}
            end
            as numeric(14, 2)
        ) as trade_in_value
    from described
    left join customers on described.source_customer_id = customers.customer_id
    left join served on described.unit_id = served.unit_id
    left join perhaps_repaired on described.unit_id = perhaps_repaired.unit_id

)

select * from final
