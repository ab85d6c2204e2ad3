{{ config(post_hook="{{ analyze(['customer_id', 'money_quintile']) }}") }}

{%- set month = month_start(as_of()) %}

with this_month as (

    select
        customer_id,
        orders,
        purchase_days,
        previous_purchase_on,
        net_sales
    from {{ ref('int_buyer_months') }}
    where
        month = {{ month }}
        and orders > 0

),

-- Tonight and, as far as is known today, at the end of last month: without what this one brought.
customers as (

    select
        purchases.customer_id,
        purchases.first_purchase_on,
        purchases.orders_count,
        purchases.last_purchase_on,
        purchases.net_sales,
        purchases.purchase_days - coalesce(this_month.purchase_days, 0) as purchase_days_then,
        purchases.orders_count - coalesce(this_month.orders, 0) as orders_count_then,
        case
            when this_month.customer_id is null then purchases.last_purchase_on
            else this_month.previous_purchase_on
        end as last_purchase_on_then,
        purchases.net_sales - coalesce(this_month.net_sales, 0) as net_sales_then
    from {{ ref('int_customer_purchases') }} as purchases
    left join this_month on purchases.customer_id = this_month.customer_id
    where purchases.purchase_days >= 2

),

customers_then as (

    select
        customer_id,
        orders_count_then as orders_count,
        last_purchase_on_then as last_purchase_on,
        net_sales_then as net_sales
    from customers
    where purchase_days_then >= 2

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
        groups.customer_id,
        groups.recency_quintile,
        groups.frequency_quintile,
        groups.money_quintile,
        groups.rfm_group,
        case
            when groups_then.customer_id is not null then groups_then.rfm_group
            when groups.first_purchase_on < {{ month }} then 'trial'
        end as previous_rfm_group,
        case
            when before.rfm_group = groups.rfm_group then before.rfm_group_since
            when before.rfm_group is null and before.relationship_status in ('trial', 'customer')
                then null
            when nights.previous_as_of is not null then {{ as_of() }}
        end as rfm_group_since
    from groups
    left join groups_then on groups.customer_id = groups_then.customer_id
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
