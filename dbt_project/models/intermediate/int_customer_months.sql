{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('customer_id') }}",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

with orders as (

    select
        customer_id,
        ordered_on,
        net_sales,
        contribution_margin
    from {{ ref('fct_orders') }}
    where
        is_qualifying
        and {{ only_touched_customers('source_customer_id') }}

),

purchases as (

    select
        customer_id,
        first_purchase_on,
        second_purchase_on
    from {{ ref('int_customer_purchases') }}

),

from_first as (

    select
        orders.customer_id,
        'first' as cohort_by,
        {{ month_start('purchases.first_purchase_on') }} as cohort_month,
        {{ months_between('purchases.first_purchase_on', 'orders.ordered_on') }} as age_month,
        orders.net_sales,
        orders.contribution_margin
    from orders
    inner join purchases on orders.customer_id = purchases.customer_id

),

from_second as (

    select
        orders.customer_id,
        'second' as cohort_by,
        {{ month_start('purchases.second_purchase_on') }} as cohort_month,
        {{ months_between('purchases.second_purchase_on', 'orders.ordered_on') }} as age_month,
        orders.net_sales,
        orders.contribution_margin
    from orders
    inner join purchases
        on
            orders.customer_id = purchases.customer_id
            and orders.ordered_on >= purchases.second_purchase_on

),

both_bases as (

    select * from from_first
    union all
    select * from from_second

)

select
    customer_id,
    cohort_by,
    cohort_month,
    age_month,
    cast(count(*) as integer) as orders,
    sum(net_sales) as net_sales,
    sum(contribution_margin) as contribution_margin
from both_bases
group by customer_id, cohort_by, cohort_month, age_month
