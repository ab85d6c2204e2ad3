{{ config(post_hook="{{ analyze(['customer_id']) }}") }}

-- Where each customer stands among all: by net value, by what an active year is worth, and by what
-- they brought in the 24 months that end with their last order, however long ago that is. By few
-- columns, for to sort all that is known of everybody takes several times as long.

with measured as (

    select
        customer_id,
        net_clv_12m,
        value_if_active_12m,
        margin_24m,
        takes_no_place
    from {{ ref('int_customers_described') }}
    where
        relationship_status = 'customer'
        and is_valued

),

placed as (

    select
        customer_id,
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
