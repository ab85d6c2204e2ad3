-- Members whose points lapse soon, or who are a few points short of the next tier.
{%- set gap_days = list_threshold('reward_lapsing', 'gap_days') %}

with members as (

    select
        loyalty.*,
        {{ days_between(as_of(), 'loyalty.points_expire_on') }} as days_until_expiry,
        contacts.last_contact_on as told_on,
        customer_values.net_clv_12m,
        customer_values.value_at_risk,
        customer_values.purchase_probability_12m
    from {{ ref('customer_loyalty') }} as loyalty
    left join {{ ref('int_list_contacts') }} as contacts
        on
            loyalty.customer_id = contacts.customer_id
            and contacts.list_code = 'reward_lapsing'
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on loyalty.customer_id = customer_values.customer_id

),

judged as (

    select
        members.*,
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
    from members

),

candidates as (

    select
        customer_id,
        case
            when not is_lapsing and not is_near_tier then 'nothing_lapses'
            when {{ days_between('told_on', as_of()) }} < {{ gap_days }} then 'told'
        end as ineligible_code,
        net_clv_12m as score,
        balance as tie_break_value,
        value_at_risk as value_at_stake,
        purchase_probability_12m as response_probability,
        case when is_lapsing then 'lapses' else 'near_tier' end as reason_1_code,
        case when is_lapsing and is_near_tier then 'near_tier' end as reason_2_code,
        'balance' as reason_3_code,
        case when is_lapsing then 'remind' else 'encourage' end as action_code,
        points_expiring,
        points_to_next_tier,

        ---------- facts of the sentences
        balance,
        tier_points,
        points_expire_on,
        days_until_expiry,
        told_on
    from judged

)

select * from candidates
