{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched() }}",
    post_hook="{{ analyze() }}",
) }}

{#- Few orders are refunded: orders and lines are looked up where they are needed instead of
    being shared, which would write all of them to disk first. -#}
with refunds as (

    select
        unioned.*,
        {{ unmatched_customer('unioned') }} as unmatched_customer_id
    from {{ ref('int_refunds_unioned') }} as unioned

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

-- Without a receipt: the same customer's latest earlier order with that product. Nothing was paid
-- for one that was cancelled, or that replaced what was sold.
candidates as (

    select
        refunds.refund_id,
        orders.order_id,
        order_lines.line_no,
        row_number() over (
            partition by refunds.refund_id
            order by
                orders.ordered_at desc nulls last,
                {{ text_order('orders.order_id') }} desc nulls last,
                order_lines.line_no asc nulls last
        ) as place
    from refunds
    inner join {{ ref('int_orders_unioned') }} as orders
        on
            refunds.customer_id = orders.customer_id
            and refunds.refunded_at >= orders.ordered_at
    inner join {{ ref('int_order_lines_unioned') }} as order_lines
        on
            orders.order_id = order_lines.order_id
            and refunds.product_id = order_lines.product_id
    where
        refunds.order_id is null
        and {{ is_sold('orders.status') }}
        and orders.order_type <> 'replacement'
        and {{ only_touched_customers('refunds.unmatched_customer_id') }}
        -- says no more than the line above, and spares a small night the pass over all orders
        and {{ only_touched_orders('orders.order_id') }}

),

with_receipt as (

    select
        refunds.*,
        refunds.order_id as matched_order_id,
        refunds.line_no as matched_line_no
    from refunds
    where
        refunds.order_id is not null
        and {{ only_touched_orders('refunds.order_id') }}

),

without_receipt as (

    select
        refunds.*,
        candidates.order_id as matched_order_id,
        candidates.line_no as matched_line_no
    from refunds
    left join candidates
        on
            refunds.refund_id = candidates.refund_id
            and candidates.place = 1
    where
        refunds.order_id is null
        and {{ only_touched_customers('refunds.unmatched_customer_id') }}

),

matched as (

    select * from with_receipt
    union all
    select * from without_receipt

),

refunded_orders as (

    select
        orders.order_id,
        orders.customer_id,
        orders.ordered_on
    from {{ ref('int_orders_unioned') }} as orders
    where orders.order_id in (select matched.matched_order_id from matched)

),

refunded_lines as (

    select
        order_lines.order_id,
        order_lines.line_no,
        order_lines.product_id,
        order_lines.quantity * order_lines.unit_price - order_lines.discount as sale
    from {{ ref('int_order_lines_unioned') }} as order_lines
    where order_lines.order_id in (select matched.matched_order_id from matched)

),

order_sales as (

    select
        order_id,
        sum(sale) as sale
    from refunded_lines
    group by order_id

),

compared as (

    select
        matched.*,
        orders.order_id is not null as has_sale,
        coalesce(orders.customer_id, matched.unmatched_customer_id) as source_customer_id,
        orders.ordered_on,
        coalesce(refunded_lines.product_id, matched.product_id) as sold_product_id,
        coalesce(refunded_lines.sale, order_sales.sale, 0) as sale,
        coalesce(order_sales.sale, 0) as order_sale
    from matched
    left join refunded_orders as orders on matched.matched_order_id = orders.order_id
    left join refunded_lines
        on
            matched.matched_order_id = refunded_lines.order_id
            and matched.matched_line_no = refunded_lines.line_no
    left join order_sales on matched.matched_order_id = order_sales.order_id

),

-- A refund counts up to what its sale has left: first come, first served, within its line and
-- then within the whole order. What is above that is its excess.
in_turn as (

    select
        compared.*,
        coalesce(sum(compared.amount) over (
            partition by compared.matched_order_id, compared.matched_line_no
            order by
                compared.refunded_at asc nulls last,
                {{ text_order('compared.refund_id') }} asc nulls last
            rows between unbounded preceding and 1 preceding
        ), 0) as line_before
    from compared

),

within_line as (

    select
        in_turn.*,
        least(in_turn.amount, greatest(in_turn.sale - in_turn.line_before, 0)) as line_amount
    from in_turn

),

after_lines as (

    select
        within_line.*,
        coalesce(sum(within_line.line_amount) over (
            partition by within_line.matched_order_id
            order by
                within_line.refunded_at asc nulls last,
                {{ text_order('within_line.refund_id') }} asc nulls last
            rows between unbounded preceding and 1 preceding
        ), 0) as order_before
    from within_line

),

within_order as (

    select
        after_lines.*,
        least(
            after_lines.line_amount,
            greatest(after_lines.order_sale - after_lines.order_before, 0)
        ) as counted_amount
    from after_lines

),

judged as (

    select
        within_order.*,
        case when has_sale then amount - counted_amount else 0 end as own_excess_amount,
        case
            when not has_sale then 'no_sale'
            when amount > 0 and counted_amount = 0 then 'above_sale'
        end as held_reason
    from within_order

),

rated as (

    select
        judged.*,
        order_rates.rate,
        coalesce(sum(judged.counted_amount) over (
            partition by judged.matched_order_id
            order by
                judged.refunded_at asc nulls last,
                {{ text_order('judged.refund_id') }} asc nulls last
            rows between unbounded preceding and 1 preceding
        ), 0) as counted_before
    from judged
    left join {{ ref('int_order_rates') }} as order_rates
        on judged.matched_order_id = order_rates.order_id

),

-- By the rate of the order's day, one after the other: what is wholly given back leaves nothing.
converted as (

    select
        rated.*,
        case
            when rate is null then own_excess_amount
            else round(own_excess_amount * rate, 2)
        end as excess_amount,
        case
            when rate is null then amount - own_excess_amount
            else
                round((counted_before + counted_amount) * rate, 2)
                - round(counted_before * rate, 2)
        end as kept_amount,
        case
            when rate is null then handling_cost
            else round(handling_cost * rate, 2)
        end as handling_cost_converted
    from rated

),

final as (

    select
        ---------- ids
        converted.refund_id,
        coalesce(converted.matched_order_id, converted.order_id) as order_id,
        converted.matched_line_no as line_no,
        coalesce(customers.customer_id, {{ unknown_customer() }}) as customer_id,
        converted.source_customer_id,
        converted.sold_product_id as product_id,

        ---------- times
        converted.refunded_on,
        {{ days_between('converted.ordered_on', 'converted.refunded_on') }} as days_to_return,

        ---------- quantities and money
        converted.quantity,
        cast(converted.kept_amount + converted.excess_amount as numeric(14, 2)) as amount,
        cast(converted.excess_amount as numeric(14, 2)) as excess_amount,
        coalesce(converted.is_restocked, false) as is_restocked,
        converted.reason,
        cast(coalesce(converted.handling_cost_converted, 0) as numeric(14, 2)) as handling_cost,

        ---------- standing
        converted.held_reason is not null as is_held,
        converted.held_reason
    from converted
    left join customers on converted.source_customer_id = customers.customer_id

)

select * from final
