{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched() }}",
    post_hook="{{ analyze() }}",
    indexes=[
        {"columns": ["source_customer_id"]},
        {"columns": ["customer_id"]},
        {"columns": ["order_id"], "unique": true},
    ],
) }}
{%- set reporting_currency = "'" ~ var("reporting_currency") | upper ~ "'" %}

with orders as (

    select * from {{ ref('int_orders_unioned') }}
    where {{ only_touched_orders() }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

-- In the order of their groups: PostgreSQL then adds up one order after the other, and does not
-- hold decimal sums of all of them in memory at once, which takes longer and spills to disk.
order_lines as (

    select
        order_id,
        gross_sales,
        discount,
        cost_of_goods
    from {{ ref('int_order_lines_priced') }}
    order by order_id asc nulls last

),

line_totals as (

    select
        order_id,
        sum(gross_sales) as gross_sales,
        sum(discount) as discounts,
        sum(cost_of_goods) as cost_of_goods
    from order_lines
    group by order_id

),

refund_totals as (

    select
        order_id,
        sum(case when not is_held then amount - excess_amount end) as refunded_amount,
        sum(excess_amount) as excess_refunds,
        sum(case when not is_held then handling_cost end) as returns_handling_cost
    from {{ ref('fct_refunds') }}
    where {{ only_touched_orders() }}
    group by order_id

),

order_points as (

    select
        order_id,
        points
    from {{ ref('int_order_points') }}

),

order_rates as (

    select * from {{ ref('int_order_rates') }}

),

summed as (

    select
        orders.order_id,
        coalesce(customers.customer_id, {{ unknown_customer() }}) as customer_id,
        orders.customer_id as source_customer_id,
        orders.ordered_at,
        orders.ordered_on,
        orders.status,
        orders.order_type,
        orders.channel,
        orders.acquisition_channel,
        {{ upper_case('orders.currency') }} as currency,
        case
            when {{ upper_case('orders.currency') }} = {{ reporting_currency }} then 1
            else order_rates.rate
        end as exchange_rate,
        orders.delivered_at,
        case
            when
                coalesce({{ upper_case('orders.currency') }}, '') <> {{ reporting_currency }}
                and order_rates.rate is null
                then 'other_currency'
            when customers.customer_id is null then 'unknown_customer'
        end as held_reason,
        customers.customer_id is not null as is_of_known_customer,
        line_totals.order_id is null as has_no_lines,
        coalesce(line_totals.gross_sales, 0) as gross_sales,
        coalesce(line_totals.discounts, 0) as discounts,
        coalesce(refund_totals.refunded_amount, 0) as refunded_amount,
        coalesce(refund_totals.excess_refunds, 0) as excess_refunds,
        coalesce(line_totals.cost_of_goods, 0) as cost_of_goods,
        round(coalesce(orders.shipping_cost, 0) * coalesce(order_rates.rate, 1), 2)
            as shipping_cost,
        round(coalesce(orders.payment_fee, 0) * coalesce(order_rates.rate, 1), 2) as payment_fee,
        coalesce(refund_totals.returns_handling_cost, 0) as returns_handling_cost,
        coalesce(order_points.points * {{ var('point_value') }}, 0) as points_cost
    from orders
    left join customers on orders.customer_id = customers.customer_id
    left join line_totals on orders.order_id = line_totals.order_id
    left join refund_totals on orders.order_id = refund_totals.order_id
    left join order_points on orders.order_id = order_points.order_id
    left join order_rates on orders.order_id = order_rates.order_id

),

netted as (

    select
        summed.*,
        summed.gross_sales - summed.discounts - summed.refunded_amount as net_sales
    from summed

),

qualified as (

    select
        netted.*,
        {{ is_sold('netted.status') }}
        and netted.order_type = 'sale'
        and netted.held_reason is null
        and netted.net_sales > 0 as is_qualifying,
        -- its lines were refused or have not come: neither a purchase nor the absence of one
        {{ is_sold('netted.status') }}
        and netted.order_type = 'sale'
        and netted.has_no_lines as is_undecided,
        -- a purchase all the same, of nobody knows what worth
        {{ is_sold('netted.status') }}
        and netted.order_type = 'sale'
        and coalesce(netted.held_reason, '') = 'other_currency'
        and netted.is_of_known_customer
        and netted.net_sales > 0 as is_value_unknown
    from netted

),

purchases as (

    select
        qualified.*,
        qualified.is_qualifying
        or qualified.is_value_unknown as is_purchase
    from qualified

),

numbered as (

    select
        purchases.*,
        row_number() over (
            partition by purchases.customer_id, purchases.is_purchase
            order by
                purchases.ordered_on asc nulls last,
                purchases.ordered_at asc nulls last,
                {{ text_order('purchases.order_id') }} asc nulls last
        ) as order_number,
        dense_rank() over (
            partition by purchases.customer_id, purchases.is_purchase
            order by purchases.ordered_on asc nulls last
        ) as day_number,
        lag(purchases.ordered_on) over (
            partition by purchases.customer_id, purchases.is_purchase
            order by
                purchases.ordered_on asc nulls last,
                purchases.ordered_at asc nulls last,
                {{ text_order('purchases.order_id') }} asc nulls last
        ) as previous_on
    from purchases

),

final as (

    select
        ---------- ids
        order_id,
        customer_id,
        source_customer_id,

        ---------- times
        ordered_at,
        ordered_on,
        delivered_at,

        ---------- properties
        status,
        order_type,
        channel,
        acquisition_channel,
        currency,
        cast(exchange_rate as numeric(18, 8)) as exchange_rate,
        case when is_purchase then cast(order_number as integer) end as order_seq,
        case when is_purchase then cast(day_number as integer) end as purchase_day_seq,
        case
            when is_purchase and previous_on < ordered_on
                then {{ days_between('previous_on', 'ordered_on') }}
        end as days_since_previous_purchase,
        is_qualifying,
        is_undecided,
        is_value_unknown,
        -- sold, or sent in place of what was, to somebody known: also what came back whole, for its
        -- costs, and what was bought in a currency without a rate
        coalesce(held_reason, 'other_currency') = 'other_currency'
        and is_of_known_customer
        and order_type in ('sale', 'replacement')
        and {{ is_sold('status') }}
        and not is_undecided as is_accounted_for,
        held_reason is not null as is_held,
        held_reason,

        ---------- money
        {% for column in [
            'gross_sales', 'discounts', 'refunded_amount', 'excess_refunds', 'net_sales',
            'cost_of_goods', 'shipping_cost', 'payment_fee', 'returns_handling_cost',
            'points_cost',
        ] -%}
        cast({{ column }} as numeric(14, 2)) as {{ column }},
        {% endfor -%}
        cast(
            net_sales - cost_of_goods - shipping_cost - payment_fee - returns_handling_cost
            - cast(points_cost as numeric(14, 2))
            as numeric(14, 2)
        ) as contribution_margin
    from numbered

)

select * from final
