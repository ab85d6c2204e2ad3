with products as (

    {{ union_systems('products') }}

)

select
    product_id,
    nullif(trim(both ' ' from name), '') as name,
    nullif(trim(both ' ' from category), '') as category,
    unit_cost,
    list_price,
    warranty_months,
    expected_life_months,
    service_interval_months
from products
