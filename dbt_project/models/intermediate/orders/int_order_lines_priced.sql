{{ config(materialized="view") }}

-- What a line of tonight's orders sold, gave back and cost, whoever bought it: fct_orders and
-- fct_order_lines both start from here, so that neither waits for the other. Where the order's
-- currency has a rate, in the reporting currency: of its lines one after the other, so that
-- rounding adds up to the order.
with order_lines as (

    select * from {{ ref('int_order_lines_unioned') }}
    where {{ of_orders_written_tonight() }}

),

products as (

    select
        product_id,
        category,
        unit_cost
    from {{ ref('dim_products') }}

),

line_refunds as (

    select
        order_id,
        line_no,
        sum(amount - excess_amount) as amount,
        sum(coalesce(quantity, 0)) as quantity,
        sum(case when is_restocked then coalesce(quantity, 0) else 0 end) as restocked_quantity
    from {{ ref('fct_refunds') }}
    where
        not is_held
        and line_no is not null
        and {{ of_orders_written_tonight() }}
    group by order_id, line_no

),

so_far as (

    select
        order_lines.order_id,
        order_lines.line_no,
        order_rates.rate,
        order_lines.quantity * order_lines.unit_price as gross_sales,
        order_lines.quantity * order_lines.unit_price - coalesce(order_lines.discount, 0) as sale,
        sum(order_lines.quantity * order_lines.unit_price) over (
            partition by order_lines.order_id
            order by order_lines.line_no asc nulls last
            rows between unbounded preceding and current row
        ) as gross_so_far,
        sum(order_lines.quantity * order_lines.unit_price - coalesce(order_lines.discount, 0))
            over (
                partition by order_lines.order_id
                order by order_lines.line_no asc nulls last
                rows between unbounded preceding and current row
            ) as sale_so_far
    from order_lines
    inner join {{ ref('int_order_rates') }} as order_rates
        on order_lines.order_id = order_rates.order_id

),

converted as (

    select
        order_id,
        line_no,
        round(gross_so_far * rate, 2) - round((gross_so_far - gross_sales) * rate, 2)
            as gross_sales,
        round(sale_so_far * rate, 2) - round((sale_so_far - sale) * rate, 2) as sale
    from so_far

),

joined as (

    select
        order_lines.order_id,
        order_lines.line_no,
        order_lines.product_id,
        products.category,
        products.unit_cost,
        order_lines.quantity,
        cast(
            coalesce(converted.gross_sales, order_lines.quantity * order_lines.unit_price)
            as numeric(14, 2)
        ) as gross_sales,
        cast(
            coalesce(converted.gross_sales - converted.sale, order_lines.discount, 0)
            as numeric(14, 2)
        ) as discount,
        cast(coalesce(line_refunds.quantity, 0) as integer) as refunded_quantity,
        cast(coalesce(line_refunds.amount, 0) as numeric(14, 2)) as refunded_amount,
        greatest(order_lines.quantity - coalesce(line_refunds.restocked_quantity, 0), 0)
            as kept_quantity
    from order_lines
    left join products on order_lines.product_id = products.product_id
    left join line_refunds
        on
            order_lines.order_id = line_refunds.order_id
            and order_lines.line_no = line_refunds.line_no
    left join converted
        on
            order_lines.order_id = converted.order_id
            and order_lines.line_no = converted.line_no

),

final as (

    select
        order_id,
        line_no,
        product_id,
        category,
        quantity,
        gross_sales,
        discount,
        refunded_quantity,
        refunded_amount,
        -- Restocked goods are credited; a product without a cost that
        -- can be carried is assumed to cost a share. A
        -- credit is no goods.
        cast(
            coalesce(
                case when gross_sales < 0 then 0 end,
                {{ carried('kept_quantity * unit_cost') }},
                {{ assumed_cost('kept_quantity', 'quantity', 'gross_sales - discount') }},
                0
            ) as numeric(14, 2)
        ) as cost_of_goods
    from joined

)

select * from final
