{{ config(enabled="second_purchase" in var("lists"), materialized="view") }}

-- What second_purchase asks of everybody who bought on one day only. No step has a name here: a
-- view that begins with `with` is worked out for everybody before its reader may leave anybody out.

select
    people.*,
    bounds.t_50,
    bounds.t_90,
    bounds.is_from_curve,
    {{ list_threshold('second_purchase', 'horizon_days') }} as horizon_days,
    odds.p_second,
    firsts.first_category,
    preferred.customer_id is not null as is_by_preference,
    -- what one more order leaves: its margin less what it costs to send and take back; wide, or
    -- DuckDB keeps what is made of it to 18 digits
    cast(
        people.expected_order_value * economics.margin_rate
        - economics.variable_cost_per_order
        as numeric(24, 6)
    ) as value_if_it_happens
from {{ ref('int_customers_described') }} as people
cross join {{ ref('second_purchase_bounds') }} as bounds
left join {{ ref('int_preferred_channels') }} as preferred
    on people.customer_id = preferred.customer_id
left join {{ ref('int_second_purchase_odds') }} as odds
    on people.days_since_first = odds.days_since_first
left join {{ ref('int_customer_economics') }} as economics
    on people.customer_id = economics.customer_id
left join {{ ref('int_customer_firsts') }} as firsts
    on people.customer_id = firsts.customer_id
where people.relationship_status in ('trial', 'returned_trial')
