-- Customers who buy less of a category than people who spend as much, and are not discontent.
{#- What the gap is worth, of a year's orders; wide, or DuckDB keeps it to 18 digits. -#}
{%- set margin_of_gap =
    'cast(people.expected_orders_12m as numeric(38, 6)) * people.order_margin * gaps.gap'
%}

select
    people.*,
    gaps.category as suggested_category,
    gaps.share,
    gaps.peers_share,
    gaps.gap,
    gaps.is_proxy as share_is_proxy,
    contacts.last_contact_on as shown_on,
    case
        when gaps.gap < {{ list_threshold('room_to_grow', 'smallest_gap') }} then 'small_gap'
        when people.csat < {{ list_threshold('room_to_grow', 'content_score') }}
            then 'not_content'
        when people.lifecycle_status is null then 'chance_unknown'
        when people.lifecycle_status <> 'active' then 'at_risk'
        when {{ contacted_within_gap('room_to_grow', 'contacts.last_contact_on') }} then 'shown'
    end as ineligible_code,
    {{ margin_of_gap }} as score,
    people.net_clv_12m as tie_break_value,
    {{ margin_of_gap }} as value_at_stake,
    people.purchase_probability_12m as response_probability,
    'buys_less' as reason_1_code,
    'regular' as reason_2_code,
    case when people.csat is not null then 'content' end as reason_3_code,
    'show' as action_code
from {{ ref('customer_category_shares') }} as gaps
inner join {{ ref('int_customers_described') }} as people
    on gaps.customer_id = people.customer_id
left join {{ last_contacts('room_to_grow') }} as contacts
    on gaps.customer_id = contacts.customer_id
where
    gaps.is_widest_gap
    and people.is_valued
