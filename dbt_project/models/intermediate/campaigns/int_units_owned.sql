{{ config(post_hook="{{ analyze(['customer_id']) }}") }}
{%- set unnamed_product =
    text_literal(words().get('unnamed_product', '')) if execute else "''"
%}
{%- set years = 'floor(' ~ months_between('units.purchased_on', as_of()) ~ ' / 12.0)' %}

-- The machines in people's use: what lists say of one.

select
    units.customer_id,
    units.unit_id,
    units.order_id,
    coalesce(products.name, {{ unnamed_product }}) as product_name,

    ---------- since when, and how that is known
    units.purchased_on,
    case
        when units.known_by = 'order_line' then 'delivered'
        when units.purchased_on = units.registered_on then 'registered'
        else 'bought'
    end as start_code,
    {{ days_between('units.purchased_on', as_of()) }} as days_since_start,
    {{ days_between('owners.owned_from', as_of()) }} as days_owned,

    ---------- what is ahead of it
    units.warranty_ends_on,
    units.next_service_due_on,
    units.last_serviced_on,
    units.expected_end_of_life_on,
    units.life_known_by = 'measured' as is_life_measured,
    units.trade_in_value,
    {{ trade_in_share('units.category', years ~ ' + 1') }}
    < {{ trade_in_share('units.category', years) }} as falls_with_next_year,

    ---------- what was
    units.repairs
from {{ ref('fct_units') }} as units
left join {{ ref('dim_products') }} as products on units.product_id = products.product_id
left join {{ ref('fct_unit_owners') }} as owners
    on
        units.unit_id = owners.unit_id
        and owners.owned_until is null
where
    units.status = 'owned'
    and units.customer_id <> {{ unknown_customer() }}
