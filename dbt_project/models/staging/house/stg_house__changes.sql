-- What tonight's deliveries touch, by what it is known by. A product counts only when something
-- that a fact carries is different from what the last build saw.
with changed_orders as (

    {{ changed_rows('house', 'orders') }}

),

changed_order_lines as (

    {{ changed_rows('house', 'order_lines') }}

),

changed_refunds as (

    {{ changed_rows('house', 'refunds') }}

),

fresh_loyalty as (

    {{ changed_rows('house', 'loyalty') }}

),

-- Whoever had an entry and has it now, and its order likewise.
changed_loyalty as (

    select
        order_id,
        customer_id
    from {{ source('house', 'loyalty') }}
    where entry_id in (select fresh_loyalty.entry_id from fresh_loyalty)

),

changed_customers as (

    {{ changed_rows('house', 'customers') }}

),

products_now as (

    {{ current_version('house', 'products') }}

),

products_before as (

    {{ current_version('house', 'products', deliveries='built') }}

),

changed_products as (

    select products_now.product_id
    from products_now
    left join products_before on products_now.product_id = products_before.product_id
    where
        products_before.product_id is null
        or products_now.unit_cost is distinct from products_before.unit_cost
        or products_now.category is distinct from products_before.category

),

changes as (

    select
        'order' as kind,
        order_id as id
    from changed_orders
    union
    select
        'order' as kind,
        order_id as id
    from changed_order_lines
    union
    select
        'order' as kind,
        order_id as id
    from changed_loyalty
    where order_id is not null
    union
    select
        'refund' as kind,
        refund_id as id
    from changed_refunds
    union
    select
        'customer' as kind,
        customer_id as id
    from changed_customers
    union
    -- points that lapse without an order are of any order of theirs
    select
        'customer' as kind,
        customer_id as id
    from changed_loyalty
    union
    select
        'product' as kind,
        product_id as id
    from changed_products

)

select * from changes
