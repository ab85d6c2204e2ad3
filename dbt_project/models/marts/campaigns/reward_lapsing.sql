-- Members whose points lapse soon, or who are a few points short of the next tier.

with dated as (

    select
        loyalty.*,
        {{ days_between(as_of(), 'points_expire_on') }} as days_until_expiry
    from {{ ref('customer_loyalty') }} as loyalty

),

judged as (

    select
        dated.*,
        coalesce(
            points_expiring >= {{ list_threshold('reward_lapsing', 'fewest_points') }}
            and days_until_expiry <= {{ list_threshold('reward_lapsing', 'days_ahead') }}, false
        ) as is_lapsing,
        -- of the points that the next tier asks for
        coalesce(
            points_to_next_tier
            <= {{ list_threshold('reward_lapsing', 'short_share') }}
            * (tier_points + points_to_next_tier), false
        ) as is_near_tier
    from dated

)

select
    members.*,
    contacts.last_contact_on as told_on,
    case
        when not members.is_lapsing and not members.is_near_tier then 'nothing_lapses'
        when {{ contacted_within_gap('reward_lapsing', 'contacts.last_contact_on') }} then 'told'
    end as ineligible_code,
    people.net_clv_12m as score,
    members.balance as tie_break_value,
    people.value_at_risk as value_at_stake,
    people.purchase_probability_12m as response_probability,
    case when members.is_lapsing then 'lapses' else 'near_tier' end as reason_1_code,
    case when members.is_lapsing and members.is_near_tier then 'near_tier' end as reason_2_code,
    'balance' as reason_3_code,
    case when members.is_lapsing then 'remind' else 'encourage' end as action_code
from judged as members
left join {{ last_contacts('reward_lapsing') }} as contacts
    on members.customer_id = contacts.customer_id
left join {{ ref('int_customers_described') }} as people
    on members.customer_id = people.customer_id
