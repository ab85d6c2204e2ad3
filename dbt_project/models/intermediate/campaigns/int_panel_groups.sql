{{ config(enabled="design_panel" in var("lists"), materialized="view") }}
{%- set best_share = list_threshold('design_panel', 'best_share') %}
{%- set is_best = 'placed.place_by_value <= ' ~ best_share ~ ' * placed.people' %}

-- Which kind of people to ask each customer is one of, if any.

with grouped as (

    select
        placed.customer_id,
        placed.place_by_value as value_place,
        placed.people as customers,
        {{ is_best }} as is_best,
        experts.orders as expert_orders,
        experts.category as expert_in,
        contacts.last_contact_on as invited_on,
        coalesce(
            {{ contacted_within_gap('design_panel', 'contacts.last_contact_on') }}, false
        ) as is_invited_lately,
        case
            when
                services.last_csat <= {{ list_threshold('design_panel', 'critic_score') }}
                and {{ days_between('services.last_csat_on', as_of()) }}
                < {{ list_threshold('design_panel', 'critic_days') }}
                then 'critic'
            when experts.customer_id is not null then 'expert'
            when {{ is_best }} then 'best'
        end as panel_group
    from {{ ref('int_customers_placed') }} as placed
    left join {{ ref('int_category_experts') }} as experts
        on placed.customer_id = experts.customer_id
    left join {{ ref('customer_service_summaries') }} as services
        on placed.customer_id = services.customer_id
    left join {{ last_contacts('design_panel') }} as contacts
        on placed.customer_id = contacts.customer_id

)

select * from grouped
where panel_group is not null
