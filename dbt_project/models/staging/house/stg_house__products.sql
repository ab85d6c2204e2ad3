with current_rows as (

    {{ current_version('house', 'products') }}

)

select
    product_id,
    name,
    category,
    unit_cost,
    list_price,
    warranty_months,
    expected_life_months,
    service_interval_months
from current_rows
