with products as (

    {{ union_systems('products') }}

)

select
    product_id,
    nullif(trim(name), '') as name,
    nullif(trim(category), '') as category,
    unit_cost,
    list_price,
    warranty_months,
    expected_life_months,
    service_interval_months
from products
