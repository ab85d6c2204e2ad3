{{ config(enabled="design_panel" in var("lists"), materialized="view") }}

-- Who ordered a category so often that they know it, and which most.

with placed as (

    select
        customer_id,
        category,
        orders,
        row_number() over (
            partition by customer_id
            order by orders desc nulls last, {{ text_order('category') }} asc nulls last
        ) as place
    from {{ ref('int_customer_categories') }}
    where orders >= {{ list_threshold('design_panel', 'expert_orders') }}

)

select
    customer_id,
    category,
    orders
from placed
where place = 1
