with products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

-- Few: to look for them among all lines is cheaper than for those that are sold.
not_sold as (

    select order_id
    from {{ ref('fct_orders') }}
    where
        not coalesce(
            not is_held
            and {{ is_sold('status') }}
            and order_type = 'sale',
            false
        )

),

sales as (

    select
        order_lines.product_id,
        sum(order_lines.quantity) as sold_quantity,
        sum(order_lines.refunded_quantity) as returned_quantity,
        sum(order_lines.gross_sales - order_lines.discount) as sales,
        sum(order_lines.refunded_amount) as refunded_amount
    from {{ ref('fct_order_lines') }} as order_lines
    left join not_sold on order_lines.order_id = not_sold.order_id
    where
        not_sold.order_id is null
        -- nobody known: the order is held, or has not come
        and order_lines.customer_id <> {{ unknown_customer() }}
    group by order_lines.product_id

),

-- What people have of it that we did not sell: it breaks as well.
elsewhere as (

    select
        product_id,
        sum(quantity) as quantity
    from {{ ref('fct_units') }}
    where order_id is null
    group by product_id

),

cases as (

    select
        product_id,
        count(*) as cases,
        sum(case when kind in ('repair', 'warranty_claim') then 1 else 0 end) as repairs,
        sum(case when is_own_failure then 1 else 0 end) as own_failures,
        sum(service_cost) as service_cost
    from {{ ref('fct_service_cases') }}
    where product_id is not null
    group by product_id

),

final as (

    select
        products.product_id,
        products.category,
        cast(coalesce(sales.sold_quantity, 0) as integer) as sold_quantity,
        cast(coalesce(sales.returned_quantity, 0) as integer) as returned_quantity,
        {{ ratio('sales.returned_quantity', 'sales.sold_quantity', 4) }} as return_rate,
        cast(coalesce(sales.sales, 0) as numeric(18, 2)) as sales,
        cast(coalesce(sales.refunded_amount, 0) as numeric(18, 2)) as refunded_amount,
        cast(coalesce(elsewhere.quantity, 0) as integer) as elsewhere_quantity,
        cast({{ of_cases('cases.cases') }} as integer) as cases,
        cast({{ of_cases('cases.repairs') }} as integer) as repairs,
        {{ ratio(
            of_cases('cases.repairs'),
            'coalesce(sales.sold_quantity, 0) + coalesce(elsewhere.quantity, 0)',
            4,
        ) }} as failure_rate,
        cast({{ of_cases('cases.own_failures') }} as integer) as own_failures,
        cast({{ of_cases('cases.service_cost') }} as numeric(18, 2)) as service_cost
    from products
    left join sales on products.product_id = sales.product_id
    left join elsewhere on products.product_id = elsewhere.product_id
    left join cases on products.product_id = cases.product_id

)

select * from final
