{{ config(post_hook="{{ analyze() }}") }}

-- Peers are the customers who spend about as much: those of the same money quintile.
with customers as (

    select
        customer_id,
        money_quintile
    from {{ ref('customer_rfm') }}
    where money_quintile is not null

),

bought as (

    select
        categories.customer_id,
        customers.money_quintile,
        categories.category,
        categories.net_sales,
        sum(categories.net_sales) over (partition by categories.customer_id) as total
    from {{ ref('int_customer_categories') }} as categories
    inner join customers on categories.customer_id = customers.customer_id
    where
        categories.category is not null
        and categories.net_sales > 0

),

peers as (

    select
        money_quintile,
        category,
        {{ ratio('sum(net_sales)', 'sum(sum(net_sales)) over (partition by money_quintile)', 2) }}
            as peers_share
    from bought
    group by money_quintile, category

),

-- Everything that a customer buys or peers do.
grid as (

    select
        customers.customer_id,
        peers.category,
        bought.net_sales,
        peers.peers_share,
        coalesce({{ ratio('bought.net_sales', 'bought.total', 2) }}, 0) as share
    from customers
    inner join peers on customers.money_quintile = peers.money_quintile
    left join bought
        on
            customers.customer_id = bought.customer_id
            and peers.category = bought.category

),

ranked as (

    select
        grid.*,
        grid.peers_share - grid.share as gap,
        row_number() over (
            partition by grid.customer_id
            order by
                grid.peers_share - grid.share desc nulls last,
                {{ text_order('grid.category') }} asc nulls last
        ) as place
    from grid

),

final as (

    select
        customer_id,
        category,
        cast(coalesce(net_sales, 0) as numeric(14, 2)) as net_sales,
        cast(share as numeric(5, 2)) as share,
        cast(peers_share as numeric(5, 2)) as peers_share,
        cast(gap as numeric(5, 2)) as gap,
        place = 1 and gap > 0 as is_widest_gap,
        true as is_proxy
    from ranked
    where
        net_sales is not null
        or (place = 1 and gap > 0)

)

select * from final
