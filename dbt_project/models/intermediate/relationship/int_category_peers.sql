{{ config(meta={"changes_with": "touched_customers"}, post_hook="{{ analyze() }}") }}

-- depends_on: {{ ref('int_category_peers_before') }}
-- depends_on: {{ ref('int_touched_customers') }}

-- Peers are the customers who spend about as much: those of the same money quintile.
with bought as (

    select
        customers.money_quintile,
        categories.category,
        sum(categories.net_sales) as net_sales
    from {{ ref('int_customer_categories') }} as categories
    inner join {{ ref('customer_rfm') }} as customers
        on categories.customer_id = customers.customer_id
    where
        categories.share is not null
        and customers.money_quintile is not null
    group by customers.money_quintile, categories.category

),

peers as (

    select
        money_quintile,
        category,
        {{ ratio('net_sales', 'sum(net_sales) over (partition by money_quintile)', 2) }}
            as peers_share,
        row_number() over (
            partition by money_quintile
            order by {{ text_order('category') }} asc nulls last
        ) as place_by_name
    from bought

),

-- One number to compare gaps by: the wider, and of equals the first by name. A million categories
-- have room beside a hundredth.
ranked as (

    select
        peers.*,
        {{ gap_rank('peers_share', '0', 'place_by_name') }} as rank_if_never_bought
    from peers

)

select
    ranked.*,
    row_number() over (
        partition by money_quintile
        order by rank_if_never_bought desc nulls last
    ) as place
from ranked
