{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('customer_id') }}",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

{#- The two bases are read and summed apart: one shared list of orders would be written to disk
    before it is read twice, and a customer and an age are a cheaper key than four columns. In the
    order of their groups, which is nearly how fct_orders was written, they are added up one after
    the other instead of being kept in memory all at once. -#}
{%- set bases = [('first', 'first_purchase_on'), ('second', 'second_purchase_on')] -%}

with

{% for base, began_on in bases -%}

aged_from_{{ base }} as (

    select
        orders.customer_id,
        {{ months_between('purchases.' ~ began_on, 'orders.ordered_on') }} as age_month,
        purchases.{{ began_on }} as began_on,
        case when orders.is_qualifying then orders.net_sales else 0 end as net_sales,
        case when orders.is_qualifying then orders.contribution_margin else 0 end
            as contribution_margin
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('int_customer_purchases') }} as purchases
        on
            orders.customer_id = purchases.customer_id
            and orders.ordered_on >= purchases.{{ began_on }}
    where
        orders.order_seq is not null
        and {{ only_touched_customers('orders.source_customer_id') }}
        -- says no more than the line above, and spares a small night the pass over all customers
        and {{ only_touched_customers('purchases.customer_id') }}
    order by
        orders.customer_id asc nulls last,
        age_month asc nulls last

),

from_{{ base }} as (

    select
        customer_id,
        age_month,
        min(began_on) as began_on,
        count(*) as orders,
        sum(net_sales) as net_sales,
        sum(contribution_margin) as contribution_margin
    from aged_from_{{ base }}
    group by customer_id, age_month

),

{% endfor -%}

final as (

    {% for base, began_on in bases -%}
    select
        customer_id,
        '{{ base }}' as cohort_by,
        {{ month_start('began_on') }} as cohort_month,
        age_month,
        cast(orders as integer) as orders,
        net_sales,
        contribution_margin
    from from_{{ base }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
