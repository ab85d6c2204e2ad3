-- The best customers, by value or by margin, and which of them are slipping away but can be kept.
{%- set best_share = list_threshold('save_our_best', 'best_share') %}

-- silver and up by their own place, not by a tier that is held, on any published night of the last
-- 365 days, tonight included
with were_silver as (

    select
        customer_id,
        max(coalesce({{ add_days('valid_to', -1) }}, {{ as_of() }})) as was_best_until
    from {{ ref('customer_history') }}
    where
        {{ is_best_tier('value_tier') }}
        and tier_below_since is null
        and coalesce(valid_to, {{ as_of() }}) > {{ add_days(as_of(), -364) }}
    group by customer_id

),

ranked as (

    select
        placed.*,
        place_when_active - 1 < {{ best_share }} * people as is_best_when_active,
        -- who has brought nothing is not among the best for it, however few have brought more
        coalesce(margin_24m > 0, false)
        and place_by_margin - 1 < {{ best_share }} * people as is_best_by_margin
    from {{ ref('int_customers_placed') }} as placed

),

best as (

    select
        people.*,
        cast(ceil(people.median_gap_days) as integer) as usual_gap_days,
        ranked.people,
        ranked.place_when_active,
        ranked.place_by_margin,
        ranked.is_best_when_active,
        ranked.is_best_by_margin,
        were_silver.was_best_until
    from ranked
    inner join {{ ref('int_customers_described') }} as people
        on ranked.customer_id = people.customer_id
    left join were_silver on ranked.customer_id = were_silver.customer_id
    where
        were_silver.customer_id is not null
        or ranked.is_best_when_active
        or ranked.is_best_by_margin

)

select
    best.*,
    {{ best_in_100('value_tier_tonight') }} as best_in_100,
    {{ var('value_tiers').silver }} as silver_in_100,
    case
        when lifecycle_status in ('cooling', 'at_risk', 'highly_at_risk') then null
        when lifecycle_status = 'lost' then 'lost'
        when purchase_probability_12m is null then 'chance_unknown'
        else 'not_at_risk'
    end as ineligible_code,
    value_at_risk as score,
    value_if_active_12m as tie_break_value,
    value_at_risk as value_at_stake,
    purchase_probability_12m as response_probability,
    case
        when frequency >= 2 and days_since_last > usual_gap_days then 'longer_than_usual'
        when frequency = 1 and days_since_last > recency_days then 'came_back_once'
        else 'last_ordered'
    end as reason_1_code,
    'chance' as reason_2_code,
    case
        when {{ is_best_tier('value_tier_tonight') }} then 'best_by_value'
        when is_best_when_active then 'best_when_active'
        when is_best_by_margin then 'best_by_margin'
        else 'was_among_the_best'
    end as reason_3_code,
    case
        when lifecycle_status = 'highly_at_risk' then 'ask_what_went_wrong'
        else 'write_in_person'
    end as action_code
from best
