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
        categories.share
    from {{ ref('int_customer_categories') }} as categories
    inner join customers on categories.customer_id = customers.customer_id
    where categories.share is not null

),

peers as (

    select
        money_quintile,
        category,
        {{ ratio('sum(net_sales)', 'sum(sum(net_sales)) over (partition by money_quintile)', 2) }}
            as peers_share,
        row_number() over (
            partition by money_quintile
            order by {{ text_order('category') }} asc nulls last
        ) as place
    from bought
    group by money_quintile, category

),

-- One number to compare gaps by: the wider, and of equals the first by name. A million categories
-- have room beside a hundredth.
ranked as (

    select
        peers.*,
        {{ gap_rank('peers_share', '0', 'place') }} as rank_if_never_bought
    from peers

),

-- Over everything that a customer buys or peers do.
widest as (

    select
        customers.customer_id,
        customers.money_quintile,
        max({{ gap_rank('peers.peers_share', 'coalesce(bought.share, 0)', 'peers.place') }})
            as gap_rank
    from customers
    inner join peers on customers.money_quintile = peers.money_quintile
    left join bought
        on
            customers.customer_id = bought.customer_id
            and peers.category = bought.category
    group by customers.customer_id, customers.money_quintile

),

shown as (

    select
        bought.customer_id,
        bought.category,
        bought.net_sales,
        bought.share,
        ranked.peers_share,
        {{ gap_rank('ranked.peers_share', 'bought.share', 'ranked.place') }} = widest.gap_rank
            as is_widest
    from bought
    inner join ranked
        on
            bought.money_quintile = ranked.money_quintile
            and bought.category = ranked.category
    inner join widest on bought.customer_id = widest.customer_id
    union all
    select
        widest.customer_id,
        ranked.category,
        0 as net_sales,
        0 as share,
        ranked.peers_share,
        true as is_widest
    from widest
    inner join ranked
        on
            widest.money_quintile = ranked.money_quintile
            and widest.gap_rank = ranked.rank_if_never_bought
    left join bought
        on
            widest.customer_id = bought.customer_id
            and ranked.category = bought.category
    where
        bought.customer_id is null
        and ranked.peers_share > 0

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
