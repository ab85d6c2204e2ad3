{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('customer_id', 'int_touched_shares') }}",
    post_hook="{{ analyze(['customer_id', 'is_widest_gap']) }}",
) }}

with customers as (

    select
        customer_id,
        money_quintile
    from {{ ref('customer_rfm') }}
    where
        money_quintile is not null
        and {{ only_touched_customers(touched='int_touched_shares') }}

),

bought as (

    select
        categories.customer_id,
        customers.money_quintile,
        categories.category,
        categories.net_sales,
        categories.share
    from {{ ref('int_customer_categories') }} as categories
    inner join customers on categories.customer_id = customers.customer_id
    where categories.share is not null

),

placed as (

    select * from {{ ref('int_category_peers') }}

),

-- Whoever bought of the first categories in a row, by what peers spend, never bought of the next.
compared as (

    select
        bought.customer_id,
        bought.category,
        bought.net_sales,
        bought.share,
        placed.peers_share,
        placed.place,
        {{ gap_rank('placed.peers_share', 'bought.share', 'placed.place_by_name') }} as gap_rank,
        row_number() over (
            partition by bought.customer_id
            order by placed.place asc nulls last
        ) as number
    from bought
    inner join placed
        on
            bought.money_quintile = placed.money_quintile
            and bought.category = placed.category

),

own as (

    select
        customer_id,
        max(gap_rank) as gap_rank,
        sum(case when number = place then 1 else 0 end) as bought_in_a_row
    from compared
    group by customer_id

),

widest as (

    select
        customers.customer_id,
        placed.category as never_bought,
        placed.peers_share,
        placed.rank_if_never_bought,
        greatest(
            coalesce(own.gap_rank, placed.rank_if_never_bought),
            coalesce(placed.rank_if_never_bought, own.gap_rank)
        ) as gap_rank
    from customers
    left join own on customers.customer_id = own.customer_id
    left join placed
        on
            customers.money_quintile = placed.money_quintile
            and coalesce(own.bought_in_a_row, 0) + 1 = placed.place

),

shown as (

    select
        compared.customer_id,
        compared.category,
        compared.net_sales,
        compared.share,
        compared.peers_share,
        compared.gap_rank = widest.gap_rank as is_widest
    from compared
    inner join widest on compared.customer_id = widest.customer_id
    union all
    select
        customer_id,
        never_bought as category,
        0 as net_sales,
        0 as share,
        peers_share,
        true as is_widest
    from widest
    where
        rank_if_never_bought = gap_rank
        and peers_share > 0

),

final as (

    select
        customer_id,
        category,
        cast(net_sales as numeric(14, 2)) as net_sales,
        cast(share as numeric(5, 2)) as share,
        cast(peers_share as numeric(5, 2)) as peers_share,
        cast(peers_share - share as numeric(5, 2)) as gap,
        is_widest and peers_share > share as is_widest_gap,
        true as is_proxy
    from shown

)

select * from final
