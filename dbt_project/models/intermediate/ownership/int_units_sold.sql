{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched() }}",
    post_hook="{{ analyze() }}",
) }}

with order_lines as (

    select
        order_id,
        line_no,
        product_id,
        source_customer_id,
        quantity,
        refunded_quantity,
        refunded_amount,
        net_sales
    from {{ ref('fct_order_lines') }}
    where
        category in (
            {%- for category in var("unit_categories") %}
            '{{ category }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
        and {{ only_touched_customers('source_customer_id') }}

),

delivered_orders as (

    select
        order_id,
        net_sales,
        coalesce({{ local_date('delivered_at') }}, ordered_on) as arrived_on
    from {{ ref('fct_orders') }}
    where
        status = 'delivered'
        and order_type in ('sale', 'replacement')
        and {{ only_touched_customers('source_customer_id') }}

),

-- Money given back without a word of how many pieces.
uncounted as (

    select
        order_id,
        line_no
    from {{ ref('fct_refunds') }}
    where
        quantity is null
        and amount > excess_amount
        and not is_held
        and {{ only_touched_customers('source_customer_id') }}

),

uncounted_lines as (

    select distinct
        order_id,
        line_no
    from uncounted
    where line_no is not null

),

uncounted_orders as (

    select distinct order_id from uncounted

),

-- Where that leaves nothing paid for a line, or for the order, all of it went back.
arrived as (

    select
        order_lines.order_id,
        order_lines.product_id,
        order_lines.source_customer_id,
        order_lines.quantity,
        case
            when uncounted_lines.order_id is not null and order_lines.net_sales <= 0
                then order_lines.quantity
            -- its own refunds, that paid it back whole, say how many pieces went back
            when order_lines.refunded_amount > 0 and order_lines.net_sales <= 0
                then order_lines.refunded_quantity
            when uncounted_orders.order_id is not null and delivered_orders.net_sales <= 0
                then order_lines.quantity
            else order_lines.refunded_quantity
        end as refunded_quantity,
        delivered_orders.arrived_on
    from order_lines
    inner join delivered_orders on order_lines.order_id = delivered_orders.order_id
    left join uncounted_orders on order_lines.order_id = uncounted_orders.order_id
    left join uncounted_lines
        on
            order_lines.order_id = uncounted_lines.order_id
            and order_lines.line_no = uncounted_lines.line_no

)

select
    order_id,
    product_id,
    source_customer_id,
    cast(sum(quantity) as integer) as quantity,
    cast(sum(refunded_quantity) as integer) as refunded_quantity,
    arrived_on
from arrived
group by
    order_id,
    product_id,
    source_customer_id,
    arrived_on
