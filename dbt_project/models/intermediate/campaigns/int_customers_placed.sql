{{ config(post_hook="{{ analyze(['customer_id']) }}") }}

-- Where each customer stands among all: by net value, by what an active year is worth, and by what
-- they brought in the 24 months that end with their last order, however long ago that is. By few
-- columns, for to sort all that is known of everybody takes several times as long.

with measured as (

    select
        people.customer_id,
        people.net_clv_12m,
        people.value_if_active_12m,
        facts.margin_24m,
        people.takes_no_place
    from {{ ref('int_customers_described') }} as people
    left join {{ ref('int_customer_order_facts') }} as facts
        on people.customer_id = facts.customer_id
    where
        people.relationship_status = 'customer'
        and people.is_valued

),

placed as (

    select
        customer_id,
        margin_24m,
        {%- for measure, place in [
            ('net_clv_12m', 'place_by_value'),
            ('value_if_active_12m', 'place_when_active'),
            ('margin_24m', 'place_by_margin'),
        ] %}
        {{ place_in_line([
            measure ~ ' desc nulls last', text_order('customer_id') ~ ' asc nulls last',
        ]) }} as {{ place }},
        {%- endfor %}
        {{ people_in_line() }} as people
    from measured

)

select * from placed
