-- Active is who bought in the last 365 days: a day after that without a purchase, a customer is
-- lost; who buys again is won back. So every month opens with what the last one closed with.
{%- set window = 365 %}
{%- set lost_month -%}
    case
        when {{ add_days('previous_purchase_on', window) }} < purchased_on
            then {{ month_start(add_days('previous_purchase_on', window)) }}
    end
{%- endset %}

-- Buyers of a month who brought about the same, in whole units, count alike.
with alike as (

    select
        month,
        cast(net_sales as bigint) as whole_sales,
        {{ lost_month }} as lost_month,
        count(*) as customers,
        sum(case when orders > 0 then 1 else 0 end) as buyers,
        sum(orders) as orders,
        sum(case when orders > 0 then net_sales else 0 end) as net_sales,
        sum(contribution_margin) as contribution_margin
    from {{ ref('int_buyer_months') }}
    group by
        month,
        cast(net_sales as bigint),
        {{ lost_month }}

),

bands as (

    select
        month,
        whole_sales,
        sum(buyers) as buyers,
        sum(orders) as orders,
        sum(net_sales) as net_sales
    from alike
    group by month, whole_sales

),

-- A tenth of the buyers, rounded up, the best first.
tenths as (

    select
        bands.*,
        ceil({{ ratio('sum(buyers) over (partition by month)', '10', 1) }}) as tenth,
        sum(buyers) over (
            partition by month
            order by whole_sales desc nulls last
        ) as best_buyers
    from bands

),

-- Among those alike where the tenth ends, one buyer after the other; equals bring the same.
ends as (

    select
        month,
        max(whole_sales) as whole_sales,
        max(tenth - best_buyers + buyers) as places
    from tenths
    where
        best_buyers - buyers < tenth
        and tenth < best_buyers
    group by month

),

last_of_tenth as (

    select
        buyers.month,
        buyers.net_sales,
        ends.places,
        row_number() over (
            partition by buyers.month
            order by buyers.net_sales desc nulls last
        ) as place
    from {{ ref('int_buyer_months') }} as buyers
    inner join ends
        on
            buyers.month = ends.month
            and cast(buyers.net_sales as bigint) = ends.whole_sales
    where buyers.orders > 0

),

best_tenths as (

    select
        month,
        sum(net_sales) as net_sales
    from (
        select
            month,
            net_sales
        from tenths
        where best_buyers <= tenth
        union all
        select
            month,
            net_sales
        from last_of_tenth
        where place <= places
    ) as of_best_tenth
    group by month

),

sales as (

    select
        month,
        sum(buyers) as buyers,
        sum(orders) as orders,
        sum(net_sales) as net_sales
    from bands
    group by month
    having sum(buyers) > 0

),

-- What came back whole, and what was sent in its place, leave their costs.
margins as (

    select
        month,
        sum(contribution_margin) as contribution_margin
    from alike
    group by month

),

returns as (

    select
        month,
        lost_month,
        customers
    from alike
    where lost_month is not null

),

lives as (

    select
        {{ month_start('first_purchase_on') }} as first_month,
        {{ month_start('second_purchase_on') }} as second_month,
        case
            when {{ add_days('last_purchase_on', window) }} <= {{ as_of() }}
                then {{ month_start(add_days('last_purchase_on', window)) }}
        end as lost_month
    from {{ ref('int_customer_purchases') }}
    where first_purchase_on is not null

),

lives_alike as (

    select
        first_month,
        second_month,
        lost_month,
        count(*) as customers
    from lives
    group by first_month, second_month, lost_month

),

flows as (

    {% for month, flow, of in [
        ('first_month', 'newcomers', 'lives_alike'),
        ('second_month', 'became_customers', 'lives_alike'),
        ('lost_month', 'lost', 'lives_alike'),
        ('lost_month', 'lost', 'returns'),
        ('month', 'won_back', 'returns'),
    ] -%}
    select
        {{ month }} as month,
        '{{ flow }}' as flow,
        customers
    from {{ of }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

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

    select min(month) as month from margins

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
        sum(case when flow = 'newcomers' then customers else 0 end) as newcomers,
        sum(case when flow = 'became_customers' then customers else 0 end) as became_customers,
        sum(case when flow = 'lost' then customers else 0 end) as lost,
        sum(case when flow = 'won_back' then customers else 0 end) as won_back
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
        best_tenths.net_sales as best_tenth_net_sales,
        {{ of_cases('service.cases') }} as cases,
        {{ of_cases('service.service_cost') }} as service_cost,
        acquisition.spend as acquisition_spend
    from months
    left join moved on months.month = moved.month
    left join sales on months.month = sales.month
    left join best_tenths on months.month = best_tenths.month
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
