{{ config(materialized="table", post_hook="{{ analyze() }}") }}

-- Cases of all systems. One that names nobody, or nobody that is known, is of whoever placed the
-- order it names, if that is somebody. Beside it, as clues to a misspelt id: what the case said,
-- and under whom the order stands.
with cases as (

    {{ union_systems('cases') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

unclaimed as (

    select
        cases.case_id,
        cases.order_id
    from cases
    left join customers on cases.customer_id = customers.customer_id
    where customers.customer_id is null

),

placed as (

    select
        unclaimed.case_id,
        orders.customer_id as order_customer_id,
        customers.customer_id as buyer_id
    from unclaimed
    inner join {{ ref('int_orders_unioned') }} as orders on unclaimed.order_id = orders.order_id
    left join customers on orders.customer_id = customers.customer_id

)

select
    {%- for name, data_type in entity_columns('cases') if name != 'customer_id' %}
    cases.{{ name }},
    {%- endfor %}
    coalesce(placed.buyer_id, cases.customer_id) as customer_id,
    cases.customer_id as said_customer_id,
    placed.order_customer_id
from cases
left join placed on cases.case_id = placed.case_id
