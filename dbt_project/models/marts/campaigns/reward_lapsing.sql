-- Members whose points lapse soon, or who are a few points short of the next tier.
{%- set days_ahead = list_threshold('reward_lapsing', 'days_ahead') %}

with judged as (

    select
        loyalty.customer_id,
        loyalty.balance,
        loyalty.tier_points,
        loyalty.points_to_next_tier,
        coalesce(lapsing.points_expiring, 0) as points_expiring,
        lapsing.points_expire_on,
        lapsing.last_expire_on,
        {{ days_between(as_of(), 'lapsing.points_expire_on') }} as days_until_expiry,
        coalesce(lapsing.points_expiring, 0)
        >= {{ list_threshold('reward_lapsing', 'fewest_points') }} as is_lapsing,
        -- of the points that the next tier asks for
        coalesce(
            loyalty.points_to_next_tier
            <= {{ list_threshold('reward_lapsing', 'short_share') }}
            * (loyalty.tier_points + loyalty.points_to_next_tier), false
        ) as is_near_tier
    from {{ ref('customer_loyalty') }} as loyalty
    left join {{ ref('int_points_lapsing') }} as lapsing
        on loyalty.customer_id = lapsing.customer_id

)

select
    members.*,
    contacts.last_contact_on as told_on,
    {{ days_ahead }} as days_ahead,
    case
        when not members.is_lapsing and not members.is_near_tier then 'nothing_lapses'
        when {{ contacted_within_gap('reward_lapsing', 'contacts.last_contact_on') }} then 'told'
    end as ineligible_code,
    people.net_clv_12m as score,
    members.balance as tie_break_value,
    people.value_at_risk as value_at_stake,
    people.purchase_probability_12m as response_probability,
    case
        when not members.is_lapsing then 'near_tier'
        when members.last_expire_on > members.points_expire_on then 'lapse_by_and_by'
        else 'lapses'
    end as reason_1_code,
    case when members.is_lapsing and members.is_near_tier then 'near_tier' end as reason_2_code,
    'balance' as reason_3_code,
    case when members.is_lapsing then 'remind' else 'encourage' end as action_code
from judged as members
left join {{ last_contacts('reward_lapsing') }} as contacts
    on members.customer_id = contacts.customer_id
left join {{ ref('int_customers_described') }} as people
    on members.customer_id = people.customer_id
