-- Owners of a machine whose warranty ends soon enough to be extended.
{%- set first_days = list_threshold('warranty_offer', 'first_days') %}
{%- set last_days = list_threshold('warranty_offer', 'last_days') %}
{%- set gap_days = list_threshold('warranty_offer', 'gap_days') %}

with units as (

    select
        units.customer_id,
        units.unit_id,
        units.order_id,
        products.name as product_name,
        units.warranty_ends_on,
        units.repairs,
        {{ days_between('units.purchased_on', as_of()) }} as days_since_bought,
        {{ days_between(as_of(), 'units.warranty_ends_on') }} as days_until_end
    from {{ ref('fct_units') }} as units
    left join {{ ref('dim_products') }} as products on units.product_id = products.product_id
    where
        units.status = 'owned'
        and units.customer_id <> {{ unknown_customer() }}
        and units.warranty_ends_on >= {{ as_of() }}

),

-- one offer a person: a warranty within the window, the one that ends first
next_ending as (

    select
        units.*,
        row_number() over (
            partition by customer_id
            order by
                case when days_until_end >= {{ first_days }} then 0 else 1 end asc,
                warranty_ends_on asc nulls last,
                {{ text_order('unit_id') }} asc nulls last
        ) as place
    from units

),

known as (

    select
        next_ending.*,
        contacts.last_contact_on as offered_on,
        customer_values.net_clv_12m,
        customer_values.purchase_probability_12m,
        customer_values.purchase_probability_12m
        * {{ list_threshold('warranty_offer', 'extension_margin') }} as expected_margin
    from next_ending
    left join {{ ref('int_list_contacts') }} as contacts
        on
            next_ending.customer_id = contacts.customer_id
            and contacts.list_code = 'warranty_offer'
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on next_ending.customer_id = customer_values.customer_id
    where next_ending.place = 1

),

candidates as (

    select
        customer_id,
        case
            when days_until_end < {{ first_days }} then 'too_late'
            when days_until_end > {{ last_days }} then 'not_yet'
            when {{ days_between('offered_on', as_of()) }} < {{ gap_days }} then 'offered'
        end as ineligible_code,
        expected_margin as score,
        net_clv_12m as tie_break_value,
        expected_margin as value_at_stake,
        purchase_probability_12m as response_probability,
        'ends' as reason_1_code,
        -- of what we did not sell nobody told us the earlier repairs
        case
            when repairs > 0 then 'repaired'
            when repairs = 0 and order_id is not null then 'sound'
        end as reason_2_code,
        cast(null as {{ dbt.type_string() }}) as reason_3_code,
        'offer' as action_code,
        unit_id,
        warranty_ends_on,

        ---------- facts of the sentences
        coalesce(product_name, 'machine') as product_name,
        days_until_end,
        days_since_bought,
        repairs,
        offered_on
    from known

)

select * from candidates
