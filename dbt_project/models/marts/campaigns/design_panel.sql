-- Three kinds of people to ask what to make next: the best, the experts of a category, the critics.
{%- set best_share = list_threshold('design_panel', 'best_share') %}
{%- set is_best = 'placed.place_by_value <= ' ~ best_share ~ ' * placed.people' %}

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

),

-- round after round one of each group, best value first, so that a short list has all three
rounds as (

    select
        people.*,
        grouped.value_place,
        grouped.customers,
        grouped.is_best,
        grouped.expert_orders,
        grouped.expert_in,
        grouped.invited_on,
        grouped.is_invited_lately,
        grouped.panel_group,
        {{ place_in_line(
            [
                'grouped.value_place asc nulls last',
                text_order('people.customer_id') ~ ' asc nulls last',
            ],
            'grouped.panel_group, grouped.is_invited_lately',
        ) }} as round_no
    from grouped
    inner join {{ ref('int_customers_described') }} as people
        on grouped.customer_id = people.customer_id
    where grouped.panel_group is not null

)

select
    rounds.*,
    case panel_group when 'expert' then expert_in end as expert_category,
    case when is_invited_lately then 'invited' end as ineligible_code,
    -round_no as score,
    net_clv_12m as tie_break_value,
    value_at_risk as value_at_stake,
    purchase_probability_12m as response_probability,
    panel_group as reason_1_code,
    'experience' as reason_2_code,
    case when panel_group <> 'best' and is_best then 'best' end as reason_3_code,
    case panel_group when 'critic' then 'invite_critic' else 'invite' end as action_code
from rounds
