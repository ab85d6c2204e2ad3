{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('customer_id') }}",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

{#- The two bases are read and summed apart: one shared list of orders would be written to disk
    before it is read twice, and a customer and an age are a cheaper key than four columns. -#}
{%- set bases = [('first', 'first_purchase_on'), ('second', 'second_purchase_on')] -%}

with

{% for base, began_on in bases -%}

from_{{ base }} as (

    select
        orders.customer_id,
        {{ months_between('purchases.' ~ began_on, 'orders.ordered_on') }} as age_month,
        min(purchases.{{ began_on }}) as began_on,
        count(*) as orders,
        sum(orders.net_sales) as net_sales,
        sum(orders.contribution_margin) as contribution_margin
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('int_customer_purchases') }} as purchases
        on
            orders.customer_id = purchases.customer_id
            and orders.ordered_on >= purchases.{{ began_on }}
    where
        orders.is_qualifying
        and {{ only_touched_customers('orders.source_customer_id') }}
    group by
        orders.customer_id,
        {{ months_between('purchases.' ~ began_on, 'orders.ordered_on') }}

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
