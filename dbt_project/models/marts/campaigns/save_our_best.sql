-- The best customers, by value or by margin, and which of them are slipping away but can be kept.
{%- set best = list_threshold('save_our_best', 'best_share') ~ ' * placed.people' %}
{%- set is_best_when_active = 'placed.place_when_active - 1 < ' ~ best %}
{#- Who has brought nothing is not among the best for it, however few have brought more. -#}
{%- set is_best_by_margin =
    'people.margin_24m > 0 and placed.place_by_margin - 1 < ' ~ best
%}
{%- set usual_gap_days = 'cast(ceil(people.median_gap_days) as integer)' %}

select
    people.*,
    {{ usual_gap_days }} as usual_gap_days,
    placed.people,
    placed.place_when_active,
    placed.place_by_margin,
    silver.was_best_until,
    {{ best_in_100('people.value_tier_tonight') }} as best_in_100,
    {{ var('value_tiers').silver }} as silver_in_100,
    case
        when people.lifecycle_status in ('cooling', 'at_risk', 'highly_at_risk') then null
        when people.lifecycle_status = 'lost' then 'lost'
        when people.purchase_probability_12m is null then 'chance_unknown'
        else 'not_at_risk'
    end as ineligible_code,
    people.value_at_risk as score,
    people.value_if_active_12m as tie_break_value,
    people.value_at_risk as value_at_stake,
    people.purchase_probability_12m as response_probability,
    case
        when people.frequency >= 2 and people.days_since_last > {{ usual_gap_days }}
            then 'longer_than_usual'
        when people.frequency = 1 and people.days_since_last > people.recency_days
            then 'came_back_once'
        else 'last_ordered'
    end as reason_1_code,
    'chance' as reason_2_code,
    case
        when {{ is_best_tier('people.value_tier_tonight') }} then 'best_by_value'
        when {{ is_best_when_active }} then 'best_when_active'
        when {{ is_best_by_margin }} then 'best_by_margin'
        else 'was_among_the_best'
    end as reason_3_code,
    case
        when people.lifecycle_status = 'highly_at_risk' then 'ask_what_went_wrong'
        else 'write_in_person'
    end as action_code
from {{ ref('int_customers_placed') }} as placed
inner join {{ ref('int_customers_described') }} as people
    on placed.customer_id = people.customer_id
left join {{ ref('int_customers_lately_silver') }} as silver
    on placed.customer_id = silver.customer_id
where
    silver.customer_id is not null
    or {{ is_best_when_active }}
    or ({{ is_best_by_margin }})
