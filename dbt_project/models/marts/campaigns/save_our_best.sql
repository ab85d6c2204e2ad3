-- The best customers, by value or by margin, and which of them are slipping away but can be kept.
{%- set best_share = list_threshold('save_our_best', 'best_share') %}
{%- set tiers = var('value_tiers') %}
{%- set best_tiers = ['platinum', 'gold', 'silver'] %}
{%- set is_best = "in ('" ~ best_tiers | join("', '") ~ "')" %}

with customers as (

    select * from {{ ref('dim_customers') }}
    where relationship_status = 'customer'

),

customer_values as (

    select * from {{ ref('customer_lifetime_values') }}

),

summaries as (

    select * from {{ ref('customer_purchase_summaries') }}

),

farewells as (

    select * from {{ ref('customer_farewells') }}

),

-- what each brought in the 24 months that end with their last order, however long ago that is
margins as (

    select
        orders.customer_id,
        sum(orders.contribution_margin) as margin_24m
    from {{ ref('fct_orders') }} as orders
    inner join summaries
        on orders.customer_id = summaries.customer_id
    where
        orders.is_qualifying
        and orders.ordered_on > {{ add_months('summaries.last_purchase_on', -24) }}
        and orders.ordered_on <= summaries.last_purchase_on
    group by orders.customer_id

),

-- silver and up by their own place, not by a tier that is held, on any published night of the last
-- 365 days, tonight included
were_silver as (

    select
        customer_id,
        max(coalesce({{ add_days('valid_to', -1) }}, {{ as_of() }})) as was_best_until
    from {{ ref('customer_history') }}
    where
        value_tier {{ is_best }}
        and tier_below_since is null
        and coalesce(valid_to, {{ as_of() }}) > {{ add_days(as_of(), -364) }}
    group by customer_id

),

valued as (

    select
        customer_values.*,
        margins.margin_24m,
        case when farewells.customer_id is null then 1 else 0 end as takes_a_place
    from customer_values
    inner join customers
        on customer_values.customer_id = customers.customer_id
    left join farewells
        on customer_values.customer_id = farewells.customer_id
    left join margins
        on customer_values.customer_id = margins.customer_id

),

-- who has died or asked to be erased stands among the others and takes nobody's place
placed as (

    select
        valued.*,
        {%- for measure in ['value_if_active_12m', 'margin_24m'] %}
        coalesce(sum(takes_a_place) over (
            order by
                {{ measure }} desc nulls last,
                {{ text_order('customer_id') }} asc nulls last
            rows between unbounded preceding and 1 preceding
        ), 0) as ahead_by_{{ measure }},
        {%- endfor %}
        sum(takes_a_place) over () as people
    from valued

),

ranked as (

    select
        placed.*,
        ahead_by_value_if_active_12m < {{ best_share }} * people as is_best_when_active,
        -- who has brought nothing is not among the best for it, however few have brought more
        coalesce(margin_24m > 0, false)
        and ahead_by_margin_24m < {{ best_share }} * people as is_best_by_margin
    from placed

),

best as (

    select
        ranked.*,
        were_silver.was_best_until,
        summaries.frequency,
        cast(ceil(summaries.median_gap_days) as integer) as usual_gap_days,
        summaries.recency_days,
        {{ days_between('summaries.last_purchase_on', as_of()) }} as days_since_last
    from ranked
    left join summaries
        on ranked.customer_id = summaries.customer_id
    left join were_silver
        on ranked.customer_id = were_silver.customer_id
    where
        were_silver.customer_id is not null
        or ranked.is_best_when_active
        or ranked.is_best_by_margin

),

candidates as (

    select
        customer_id,
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
            when value_tier_tonight {{ is_best }} then 'best_by_value'
            when is_best_when_active then 'best_when_active'
            when is_best_by_margin then 'best_by_margin'
            else 'was_among_the_best'
        end as reason_3_code,
        case
            when lifecycle_status = 'highly_at_risk' then 'contact_in_person'
            else 'write_in_person'
        end as action_code,

        ---------- facts of the sentences
        usual_gap_days,
        recency_days,
        days_since_last,
        purchase_probability_12m,
        case value_tier_tonight
            {%- for tier in best_tiers %}
            when '{{ tier }}' then {{ tiers[tier] }}
            {%- endfor %}
        end as best_in_100,
        {{ tiers.silver }} as silver_in_100,
        ahead_by_value_if_active_12m + 1 as place_when_active,
        ahead_by_margin_24m + 1 as place_by_margin,
        people,
        was_best_until
    from best

)

select * from candidates
