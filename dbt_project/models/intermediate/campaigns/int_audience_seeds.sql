{{ config(enabled="ad_audiences" in var("lists"), materialized="view") }}

-- The best of all buyers by net value, and their places: whom advertising looks for others like.

with placed as (

    select
        customer_id,
        net_clv_12m,
        {{ place_in_line([
            'net_clv_12m desc nulls last', text_order('customer_id') ~ ' asc nulls last',
        ]) }} as value_place,
        {{ people_in_line() }} as buyers
    from {{ ref('int_customers_described') }}
    where is_valued

)

select
    customer_id,
    value_place,
    buyers
from placed
where
    net_clv_12m > 0
    and value_place <= {{ list_threshold('ad_audiences', 'seed_share') }} * buyers
