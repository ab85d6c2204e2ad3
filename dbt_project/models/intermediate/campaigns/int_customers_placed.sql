{{ config(materialized="view") }}

-- Where each customer stands among all by what an active year is worth, and by what they brought in
-- the 24 months that end with their last order, however long ago that is.

with customers as (

    select
        customer_id,
        last_purchase_on,
        value_if_active_12m,
        takes_no_place
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
        orders.is_accounted_for
        and orders.ordered_on > {{ add_months('customers.last_purchase_on', -24) }}
        and orders.ordered_on <= customers.last_purchase_on
    group by customers.customer_id

),

measured as (

    select
        customers.customer_id,
        customers.value_if_active_12m,
        margins.margin_24m,
        customers.takes_no_place
    from customers
    left join margins on customers.customer_id = margins.customer_id

),

placed as (

    select
        customer_id,
        margin_24m,
        {%- for measure, place in [
            ('value_if_active_12m', 'place_when_active'), ('margin_24m', 'place_by_margin'),
        ] %}
        {{ place_in_line([
            measure ~ ' desc nulls last', text_order('customer_id') ~ ' asc nulls last',
        ]) }} as {{ place }},
        {%- endfor %}
        {{ people_in_line() }} as people
    from measured

)

select * from placed
