{#- The last twelve whole months end before `years_end`; another month writes everybody anew. -#}
{%- set years_end = month_start(add_days(as_of(), 1)) -%}
{%- set year_ago = add_months(years_end, -12) -%}
{%- set two_years_ago = add_months(years_end, -24) -%}
{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook=[
        "{{ delete_touched('customer_id') }}",
        "{{ delete_of_other_years() }}",
    ],
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

-- Read first: a company of less than two years has none, and no order is looked at.
with customers as (

    select customer_id
    from {{ ref('int_customer_purchases') }}
    where first_purchase_on < {{ two_years_ago }}

),

orders as (

    select
        orders.customer_id,
        orders.purchase_day_seq,
        orders.ordered_on,
        orders.is_qualifying,
        orders.net_sales,
        orders.ordered_on < {{ year_ago }} as is_before
    from {{ ref('fct_orders') }} as orders
    inner join customers on orders.customer_id = customers.customer_id
    where
        orders.order_seq is not null
        and orders.ordered_on < {{ years_end }}
        and (
            {{ only_touched_customers('orders.source_customer_id') }}
            {%- if is_incremental() %}
            or not exists (select 1 from {{ this }})
            {%- endif %}
        )

),

summed as (

    select
        customer_id,
        min(ordered_on) as first_purchase_on,
        max(case when is_before then ordered_on end) as last_purchase_on,
        max(case when is_before then purchase_day_seq end) as purchase_days,
        count(distinct case when is_before and is_qualifying then ordered_on end)
            as valued_purchase_days,
        sum(case when is_before and is_qualifying then net_sales else 0 end) as net_sales_so_far,
        sum(
            case
                when is_before and is_qualifying and ordered_on >= {{ two_years_ago }}
                    then net_sales
                else 0
            end
        ) as net_sales_before,
        sum(case when not is_before and is_qualifying then net_sales else 0 end) as net_sales
    from orders
    group by customer_id

)

select
    customer_id,
    {{ years_end }} as years_end,

    ---------- as they stood a year before
    cast(purchase_days - 1 as integer) as frequency,
    {{ days_between('first_purchase_on', 'last_purchase_on') }} as recency_days,
    {{ days_between('first_purchase_on', add_days(year_ago, -1)) }} as customer_age_days,
    cast(valued_purchase_days as integer) as valued_purchase_days,
    cast(net_sales_so_far as numeric(14, 2)) as net_sales_so_far,

    ---------- in the twelve months before that, and in those after
    cast(net_sales_before as numeric(14, 2)) as net_sales_before,
    cast(net_sales as numeric(14, 2)) as net_sales
from summed
