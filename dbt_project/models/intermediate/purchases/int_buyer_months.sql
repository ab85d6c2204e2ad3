{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('customer_id') }}",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

-- In the order of their groups, which is nearly how fct_orders was written.
with orders as (

    select
        customer_id,
        {{ month_start('ordered_on') }} as month,
        ordered_on,
        order_seq,
        purchase_day_seq,
        {{ add_days('ordered_on', '-days_since_previous_purchase') }} as previous_purchase_on,
        case when is_qualifying then net_sales else 0 end as net_sales,
        case when is_held then 0 else contribution_margin end as contribution_margin
    from {{ ref('fct_orders') }}
    where
        is_accounted_for
        and {{ only_touched_customers('source_customer_id') }}
    order by
        customer_id asc nulls last,
        month asc nulls last

)

select
    customer_id,
    month,
    cast(count(order_seq) as integer) as orders,
    cast(count(distinct purchase_day_seq) as integer) as purchase_days,
    min(case when order_seq is not null then ordered_on end) as purchased_on,
    min(previous_purchase_on) as previous_purchase_on,
    cast(sum(net_sales) as numeric(14, 2)) as net_sales,
    cast(sum(contribution_margin) as numeric(14, 2)) as contribution_margin
from orders
group by customer_id, month
