-- Three kinds of people to ask what to make next: the best, the experts of a category, the critics.

-- round after round one of each group, best value first, so that a short list has all three
with rounds as (

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
    from {{ ref('int_panel_groups') }} as grouped
    inner join {{ ref('int_customers_described') }} as people
        on grouped.customer_id = people.customer_id

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
