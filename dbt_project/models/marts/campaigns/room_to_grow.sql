-- Content customers who buy less of a category than people who spend as much.
{%- set smallest_gap = list_threshold('room_to_grow', 'smallest_gap') %}
{%- set gap_days = list_threshold('room_to_grow', 'gap_days') %}

with gaps as (

    select * from {{ ref('customer_category_shares') }}
    where is_widest_gap

),

known as (

    select
        gaps.customer_id,
        gaps.category as suggested_category,
        gaps.share,
        gaps.peers_share,
        gaps.gap,
        gaps.is_proxy as share_is_proxy,
        customers.orders_count,
        services.last_csat as csat,
        services.last_csat_on as csat_on,
        contacts.last_contact_on as shown_on,
        customer_values.lifecycle_status,
        customer_values.net_clv_12m,
        customer_values.purchase_probability_12m,
        -- what the gap is worth, of a year's orders; wide, or DuckDB keeps it to 18 digits
        cast(customer_values.expected_orders_12m as numeric(38, 6))
        * customer_values.expected_order_value
        * customer_values.margin_rate * gaps.gap as margin_of_gap
    from gaps
    inner join {{ ref('dim_customers') }} as customers on gaps.customer_id = customers.customer_id
    inner join {{ ref('customer_lifetime_values') }} as customer_values
        on gaps.customer_id = customer_values.customer_id
    left join {{ ref('customer_service_summaries') }} as services
        on gaps.customer_id = services.customer_id
    left join {{ ref('int_list_contacts') }} as contacts
        on
            gaps.customer_id = contacts.customer_id
            and contacts.list_code = 'room_to_grow'

),

candidates as (

    select
        customer_id,
        case
            when gap < {{ smallest_gap }} then 'small_gap'
            when csat < {{ list_threshold('room_to_grow', 'content_score') }} then 'not_content'
            when lifecycle_status <> 'active' then 'at_risk'
            when {{ days_between('shown_on', as_of()) }} < {{ gap_days }} then 'shown'
        end as ineligible_code,
        margin_of_gap as score,
        net_clv_12m as tie_break_value,
        margin_of_gap as value_at_stake,
        purchase_probability_12m as response_probability,
        case when share > 0 then 'buys_less' else 'buys_none' end as reason_1_code,
        'regular' as reason_2_code,
        case when csat is not null then 'content' end as reason_3_code,
        'show' as action_code,
        suggested_category,
        share_is_proxy,

        ---------- facts of the sentences
        share,
        peers_share,
        orders_count,
        purchase_probability_12m,
        csat,
        csat_on,
        shown_on
    from known

)

select * from candidates
