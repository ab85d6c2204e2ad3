with products as (

    {{ visible_rows('olist', 'olist_products') }}

),

english as (

    {{ visible_rows('olist', 'olist_category_names') }}

)

select
    products.product_id,
    cast(null as {{ dbt.type_string() }}) as name,
    coalesce(english.product_category_name_english, products.product_category_name) as category,
    cast(null as numeric(14, 2)) as unit_cost,
    cast(null as numeric(14, 2)) as list_price,
    cast(null as integer) as warranty_months,
    cast(null as integer) as expected_life_months,
    cast(null as integer) as service_interval_months
from products
left join english on products.product_category_name = english.product_category_name
