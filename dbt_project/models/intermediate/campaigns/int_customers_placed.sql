{{ config(materialized="view") }}

-- Where each customer stands among all by what an active year is worth, and by what they brought in
-- the 24 months that end with their last order, however long ago that is.
-- Who has died or asked to be erased stands among the others and takes nobody's place.

with customers as (

    select
        customer_id,
        last_purchase_on,
        value_if_active_12m
    from {{ ref('int_customers_described') }}
    where
        relationship_status = 'customer'
        and is_valued

),

margins as (

    select
        customers.customer_id,
        sum(orders.contribution_margin) as margin_24m
    from customers
    inner join {{ ref('fct_orders') }} as orders
        on customers.customer_id = orders.customer_id
    where
        orders.is_qualifying
        and orders.ordered_on > {{ add_months('customers.last_purchase_on', -24) }}
        and orders.ordered_on <= customers.last_purchase_on
    group by customers.customer_id

),

measured as (

    select
        customers.customer_id,
        customers.value_if_active_12m,
        margins.margin_24m,
        case when farewells.customer_id is null then 1 else 0 end as takes_a_place
    from customers
    left join margins on customers.customer_id = margins.customer_id
    left join {{ ref('customer_farewells') }} as farewells
        on customers.customer_id = farewells.customer_id

),

placed as (

    select
        customer_id,
        margin_24m,
        {%- for measure, place in [
            ('value_if_active_12m', 'place_when_active'), ('margin_24m', 'place_by_margin'),
        ] %}
        coalesce(sum(takes_a_place) over (
            order by
                {{ measure }} desc nulls last,
                {{ text_order('customer_id') }} asc nulls last
            rows between unbounded preceding and 1 preceding
        ), 0) + 1 as {{ place }},
        {%- endfor %}
        sum(takes_a_place) over () as people
    from measured

)

select * from placed
