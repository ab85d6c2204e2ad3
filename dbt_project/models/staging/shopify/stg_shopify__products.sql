with variants as (

    {{ visible_rows('shopify', 'shopify_product_variant') }}

),

products as (

    {{ visible_rows('shopify', 'shopify_product') }}

),

items as (

    {{ visible_rows('shopify', 'shopify_inventory_item') }}

)

select
    variants.id as product_id,
    case
        when variants.title is null or variants.title = 'Default Title' then products.title
        else {{ concat_text(['products.title', "', '", 'variants.title']) }}
    end as name,
    products.product_type as category,
    items.unit_cost_amount as unit_cost,
    variants.price as list_price,
    cast(null as integer) as warranty_months,
    cast(null as integer) as expected_life_months,
    cast(null as integer) as service_interval_months
from variants
left join products on variants.product_id = products.id
left join items on variants.inventory_item_id = items.id
