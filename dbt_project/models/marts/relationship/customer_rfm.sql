{{ config(post_hook="{{ analyze() }}") }}

{%- set month = month_start(as_of()) %}

with customers as (

    select
        customer_id,
        orders_count,
        last_purchase_on,
        net_sales
    from {{ ref('int_customer_purchases') }}
    where purchase_days >= 2

),

-- At the end of last month nobody else stood differently, as far as is known today.
buyers_this_month as (

    select customer_id from customers
    where last_purchase_on >= {{ month }}

),

earlier_orders as (

    select
        orders.customer_id,
        max(orders.purchase_day_seq) as purchase_days,
        count(*) as orders_count,
        max(orders.ordered_on) as last_purchase_on,
        sum(case when orders.is_qualifying then orders.net_sales else 0 end) as net_sales
    from {{ ref('fct_orders') }} as orders
    inner join buyers_this_month on orders.customer_id = buyers_this_month.customer_id
    where
        orders.order_seq is not null
        and orders.ordered_on < {{ month }}
    group by orders.customer_id

),

customers_then as (

    select
        customer_id,
        orders_count,
        last_purchase_on,
        net_sales
    from customers
    where last_purchase_on < {{ month }}
    union all
    select
        customer_id,
        orders_count,
        last_purchase_on,
        net_sales
    from earlier_orders
    where purchase_days >= 2

),

groups as (

    {{ rfm_groups('customers') }}

),

groups_then as (

    {{ rfm_groups('customers_then') }}

),

before as (

    select
        customer_id,
        relationship_status,
        rfm_group,
        rfm_group_since
    from {{ ref('int_customer_states_before') }}

),

nights as (

    select max(as_of) as previous_as_of
    from {{ source('decisions', 'effective_publications') }}
    where as_of < {{ as_of() }}

),

-- A group moves with everybody else's: since when it holds is what the nights said. Of who stood in
-- it on the first of them nobody knows, nor of who had bought when they said nothing of groups.
grouped as (

    select
        groups.*,
        case
            when groups_then.customer_id is not null then groups_then.rfm_group
            when earlier_orders.customer_id is not null then 'trial'
        end as previous_rfm_group,
        case
            when before.rfm_group = groups.rfm_group then before.rfm_group_since
            when before.rfm_group is null and before.relationship_status in ('trial', 'customer')
                then null
            when nights.previous_as_of is not null then {{ as_of() }}
        end as rfm_group_since
    from groups
    left join groups_then on groups.customer_id = groups_then.customer_id
    left join earlier_orders on groups.customer_id = earlier_orders.customer_id
    left join before on groups.customer_id = before.customer_id
    cross join nights

),

final as (

    select
        customer_id,
        cast(recency_quintile as integer) as recency_quintile,
        cast(frequency_quintile as integer) as frequency_quintile,
        cast(money_quintile as integer) as money_quintile,
        rfm_group,
        rfm_group_since,
        previous_rfm_group
    from grouped
    union all
    select
        customer_id,
        cast(null as integer) as recency_quintile,
        cast(null as integer) as frequency_quintile,
        cast(null as integer) as money_quintile,
        'trial' as rfm_group,
        first_purchase_on as rfm_group_since,
        case when first_purchase_on < {{ month }} then 'trial' end as previous_rfm_group
    from {{ ref('int_customer_purchases') }}
    where purchase_days = 1

)

select * from final
