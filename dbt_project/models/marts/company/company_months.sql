-- Active is who bought in the last 365 days: a day after that without a purchase, a customer is
-- lost; who buys again is won back. So every month opens with what the last one closed with.
{%- set window = 365 %}

with

-- In the order of buyers and months, which is nearly how fct_orders was written: they are added up
-- one after the other instead of being kept in memory all at once.
orders as (

    select
        customer_id,
        order_seq,
        {{ month_start('ordered_on') }} as month,
        ordered_on,
        days_since_previous_purchase,
        case when is_qualifying then net_sales else 0 end as net_sales,
        case when is_held then 0 else contribution_margin end as contribution_margin
    from {{ ref('fct_orders') }} as orders
    where {{ is_accounted_for('orders') }}
    order by
        customer_id asc nulls last,
        month asc nulls last

),

buyers as (

    select
        month,
        customer_id,
        count(*) as orders,
        sum(net_sales) as net_sales
    from orders
    where order_seq is not null
    group by month, customer_id

),

-- Best first; equals by id. A tenth of the buyers, rounded up.
placed as (

    select
        buyers.*,
        row_number() over (
            partition by month
            order by net_sales desc nulls last, {{ text_order('customer_id') }} asc nulls last
        ) as place,
        count(*) over (partition by month) as people
    from buyers

),

sales as (

    select
        month,
        count(*) as buyers,
        sum(orders) as orders,
        sum(net_sales) as net_sales,
        sum(case when (place - 1) * 10 < people then net_sales end) as best_tenth_net_sales
    from placed
    group by month

),

-- What came back whole, and what was sent in its place, leave their costs.
margins as (

    select
        month,
        sum(contribution_margin) as contribution_margin
    from orders
    group by month

),

flows as (

    select
        {{ month_start('first_purchase_on') }} as month,
        count(*) as newcomers,
        0 as became_customers,
        0 as lost,
        0 as won_back
    from {{ ref('int_customer_purchases') }}
    where first_purchase_on is not null
    group by {{ month_start('first_purchase_on') }}
    union all
    select
        {{ month_start('second_purchase_on') }} as month,
        0 as newcomers,
        count(*) as became_customers,
        0 as lost,
        0 as won_back
    from {{ ref('int_customer_purchases') }}
    where second_purchase_on is not null
    group by {{ month_start('second_purchase_on') }}
    union all
    select
        {{ month_start(add_days('last_purchase_on', window)) }} as month,
        0 as newcomers,
        0 as became_customers,
        count(*) as lost,
        0 as won_back
    from {{ ref('int_customer_purchases') }}
    where {{ add_days('last_purchase_on', window) }} <= {{ as_of() }}
    group by {{ month_start(add_days('last_purchase_on', window)) }}
    union all
    select
        {{ month_start(add_days('ordered_on', window ~ ' - days_since_previous_purchase')) }}
            as month,
        0 as newcomers,
        0 as became_customers,
        count(*) as lost,
        0 as won_back
    from orders
    where days_since_previous_purchase > {{ window }}
    group by
        {{ month_start(add_days('ordered_on', window ~ ' - days_since_previous_purchase')) }}
    union all
    select
        month,
        0 as newcomers,
        0 as became_customers,
        0 as lost,
        count(*) as won_back
    from orders
    where days_since_previous_purchase > {{ window }}
    group by month

),

service as (

    select
        {{ month_start('opened_on') }} as month,
        count(*) as cases,
        sum(service_cost) as service_cost
    from {{ ref('fct_service_cases') }}
    group by {{ month_start('opened_on') }}

),

acquisition as (

    select
        month,
        spend
    from {{ ref('acquisition_costs') }}
    where channel = '(all)'

),

first_month as (

    select min(month) as month from sales

),

numbers as (

    {{ numbers() }}

),

months as (

    select {{ add_months('first_month.month', 'numbers.n') }} as month
    from first_month
    cross join numbers
    where {{ add_months('first_month.month', 'numbers.n') }} <= {{ as_of() }}

),

moved as (

    select
        month,
        sum(newcomers) as newcomers,
        sum(became_customers) as became_customers,
        sum(lost) as lost,
        sum(won_back) as won_back
    from flows
    group by month

),

joined as (

    select
        months.month,
        coalesce(moved.newcomers, 0) as newcomers,
        coalesce(moved.became_customers, 0) as became_customers,
        coalesce(moved.lost, 0) as lost,
        coalesce(moved.won_back, 0) as won_back,
        coalesce(sales.buyers, 0) as buyers,
        coalesce(sales.orders, 0) as orders,
        coalesce(sales.net_sales, 0) as net_sales,
        coalesce(margins.contribution_margin, 0) as contribution_margin,
        sales.best_tenth_net_sales,
        coalesce(service.cases, 0) as cases,
        coalesce(service.service_cost, 0) as service_cost,
        acquisition.spend as acquisition_spend
    from months
    left join moved on months.month = moved.month
    left join sales on months.month = sales.month
    left join margins on months.month = margins.month
    left join service on months.month = service.month
    left join acquisition on months.month = acquisition.month

),

stocked as (

    select
        joined.*,
        sum(newcomers + won_back - lost) over (order by month asc nulls last) as active_at_end
    from joined

),

final as (

    select
        month,
        {{ add_days(add_months('month', 1), -1) }} <= {{ as_of() }} as is_complete,

        ---------- people
        cast(active_at_end - newcomers - won_back + lost as integer) as active_at_start,
        cast(newcomers as integer) as newcomers,
        cast(won_back as integer) as won_back,
        cast(lost as integer) as lost,
        cast(active_at_end - newcomers - won_back as integer) as kept,
        cast(active_at_end as integer) as active_at_end,
        cast(became_customers as integer) as became_customers,
        cast(buyers as integer) as buyers,

        ---------- money
        cast(orders as integer) as orders,
        cast(net_sales as numeric(18, 2)) as net_sales,
        cast(contribution_margin as numeric(18, 2)) as contribution_margin,
        {{ ratio('best_tenth_net_sales', 'net_sales', 4) }} as best_tenth_share,
        cast(cases as integer) as cases,
        cast(service_cost as numeric(18, 2)) as service_cost,
        cast(acquisition_spend as numeric(18, 2)) as acquisition_spend
    from stocked

)

select * from final
