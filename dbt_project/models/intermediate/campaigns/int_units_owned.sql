{{ config(post_hook="{{ analyze() }}") }}

-- The machines in people's use: what lists say of one.

select
    units.customer_id,
    units.unit_id,
    units.order_id,
    coalesce(products.name, 'machine') as product_name,
    units.purchased_on,
    {{ days_between('units.purchased_on', as_of()) }} as days_since_bought,
    {{ days_between('owners.owned_from', as_of()) }} as days_owned,
    units.warranty_ends_on,
    units.next_service_due_on,
    units.last_serviced_on,
    units.expected_end_of_life_on,
    units.trade_in_value,
    units.repairs
from {{ ref('fct_units') }} as units
left join {{ ref('dim_products') }} as products on units.product_id = products.product_id
left join {{ ref('fct_unit_owners') }} as owners
    on
        units.unit_id = owners.unit_id
        and owners.owned_until is null
where
    units.status = 'owned'
    and units.customer_id <> {{ unknown_customer() }}
