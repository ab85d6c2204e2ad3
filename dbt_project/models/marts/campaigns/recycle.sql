-- Owners of a machine past its life that is worth nothing any more: take it back, properly.
{%- set gap_days = list_threshold('recycle', 'gap_days') %}

with units as (

    select
        units.customer_id,
        units.unit_id,
        products.name as product_name,
        units.expected_end_of_life_on,
        {{ days_between('units.expected_end_of_life_on', as_of()) }} as days_past,
        {{ days_between('owners.owned_from', as_of()) }} as days_owned
    from {{ ref('fct_units') }} as units
    left join {{ ref('dim_products') }} as products on units.product_id = products.product_id
    left join {{ ref('fct_unit_owners') }} as owners
        on
            units.unit_id = owners.unit_id
            and owners.owned_until is null
    where
        units.status = 'owned'
        and units.customer_id <> {{ unknown_customer() }}
        and units.expected_end_of_life_on <= {{ add_days(as_of(), 365) }}
        and coalesce(units.trade_in_value, 0) = 0

),

oldest_first as (

    select
        units.*,
        count(*) over (partition by customer_id) as machines,
        row_number() over (
            partition by customer_id
            order by days_past desc nulls last, {{ text_order('unit_id') }} asc nulls last
        ) as place
    from units

),

known as (

    select
        oldest_first.*,
        contacts.last_contact_on as told_on,
        customer_values.net_clv_12m,
        customer_values.purchase_probability_12m
    from oldest_first
    left join {{ ref('int_list_contacts') }} as contacts
        on
            oldest_first.customer_id = contacts.customer_id
            and contacts.list_code = 'recycle'
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on oldest_first.customer_id = customer_values.customer_id
    where oldest_first.place = 1

),

candidates as (

    select
        customer_id,
        case
            when days_past < 0 then 'not_yet'
            when {{ days_between('told_on', as_of()) }} < {{ gap_days }} then 'told'
        end as ineligible_code,
        days_past as score,
        net_clv_12m as tie_break_value,
        net_clv_12m as value_at_stake,
        purchase_probability_12m as response_probability,
        'past_its_life' as reason_1_code,
        'owned' as reason_2_code,
        cast(null as {{ dbt.type_string() }}) as reason_3_code,
        'take_back' as action_code,
        unit_id,
        expected_end_of_life_on,

        ---------- facts of the sentences
        coalesce(product_name, 'machine') as product_name,
        days_past,
        -days_past as days_left,
        days_owned,
        told_on
    from known

)

select * from candidates
