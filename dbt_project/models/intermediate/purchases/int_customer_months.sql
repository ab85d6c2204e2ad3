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

-- What came back before the first purchase cost us the customer who then came: it is of age 0.
with

{% for base, began_on in bases -%}

aged_from_{{ base }} as (

    select
        orders.customer_id,
        {{ months_between(
            'purchases.' ~ began_on,
            'greatest(orders.ordered_on, purchases.' ~ began_on ~ ')',
        ) }} as age_month,
        purchases.{{ began_on }} as began_on,
        orders.order_seq,
        case when orders.is_qualifying then orders.net_sales else 0 end as net_sales,
        case when orders.is_held then 0 else orders.contribution_margin end
            as contribution_margin
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('int_customer_purchases') }} as purchases
        on
            orders.customer_id = purchases.customer_id
            {%- if base == 'first' %}
            and purchases.first_purchase_on is not null
            {%- else %}
            and orders.ordered_on >= purchases.{{ began_on }}
            {%- endif %}
    where
        orders.is_accounted_for
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
        count(order_seq) as orders,
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
