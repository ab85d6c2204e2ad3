-- Three kinds of people to ask what to make next: the best, the experts of a category, the critics.
{%- set best_share = list_threshold('design_panel', 'best_share') %}

with experts as (

    select
        customer_id,
        category,
        orders,
        row_number() over (
            partition by customer_id
            order by orders desc nulls last, {{ text_order('category') }} asc nulls last
        ) as place
    from {{ ref('int_customer_categories') }}
    where orders >= {{ list_threshold('design_panel', 'expert_orders') }}

),

grouped as (

    select
        people.*,
        placed.place_by_value as value_place,
        placed.people as customers,
        placed.place_by_value <= {{ best_share }} * placed.people as is_best,
        experts.orders as expert_orders,
        experts.category as expert_in,
        case
            when
                people.csat <= {{ list_threshold('design_panel', 'critic_score') }}
                and {{ days_between('people.csat_on', as_of()) }}
                < {{ list_threshold('design_panel', 'critic_days') }}
                then 'critic'
            when experts.customer_id is not null then 'expert'
            when placed.place_by_value <= {{ best_share }} * placed.people then 'best'
        end as panel_group,
        contacts.last_contact_on as invited_on,
        coalesce(
            {{ contacted_within_gap('design_panel', 'contacts.last_contact_on') }}, false
        ) as is_invited_lately
    from {{ ref('int_customers_placed') }} as placed
    inner join {{ ref('int_customers_described') }} as people
        on placed.customer_id = people.customer_id
    left join experts
        on
            people.customer_id = experts.customer_id
            and experts.place = 1
    left join {{ last_contacts('design_panel') }} as contacts
        on people.customer_id = contacts.customer_id

),

-- round after round one of each group, best value first, so that a short list has all three
rounds as (

    select
        grouped.*,
        {{ place_in_line(
            ['value_place asc nulls last', text_order('customer_id') ~ ' asc nulls last'],
            'panel_group, is_invited_lately',
        ) }} as round_no
    from grouped
    where panel_group is not null

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
