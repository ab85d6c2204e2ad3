-- The best customers by value, and which of them are slipping away but can still be kept.
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

    select * from {{ ref('int_customer_farewells') }}

),

-- silver and up on any published night of the last 365 days, tonight included
were_silver as (

    select distinct customer_id
    from {{ ref('customer_history') }}
    where
        value_tier {{ is_best }}
        and coalesce(valid_to, {{ as_of() }}) > {{ add_days(as_of(), -365) }}

),

valued as (

    select
        customer_values.*,
        case when farewells.customer_id is null then 1 else 0 end as takes_a_place
    from customer_values
    inner join customers
        on customer_values.customer_id = customers.customer_id
    left join farewells
        on customer_values.customer_id = farewells.customer_id

),

-- who has died or asked to be erased stands among the others and takes nobody's place
placed as (

    select
        valued.*,
        coalesce(sum(takes_a_place) over (
            order by
                value_if_active_12m desc nulls last,
                {{ text_order('customer_id') }} asc nulls last
            rows between unbounded preceding and 1 preceding
        ), 0) as people_ahead,
        sum(takes_a_place) over () as people
    from valued

),

best as (

    select
        placed.customer_id,
        placed.value_tier_tonight,
        placed.lifecycle_status,
        placed.value_at_risk,
        placed.value_if_active_12m,
        placed.purchase_probability_12m,
        summaries.frequency,
        summaries.median_gap_days,
        summaries.recency_days,
        {{ days_between('summaries.last_purchase_on', as_of()) }} as days_since_last,
        placed.people_ahead < {{ best_share }} * placed.people as is_in_top_share
    from placed
    left join summaries
        on placed.customer_id = summaries.customer_id
    left join were_silver
        on placed.customer_id = were_silver.customer_id
    where
        were_silver.customer_id is not null
        or placed.people_ahead < {{ best_share }} * placed.people

),

candidates as (

    select
        customer_id,
        case
            when lifecycle_status in ('at_risk', 'highly_at_risk') then null
            when lifecycle_status = 'lost' then 'lost'
            when purchase_probability_12m is null then 'chance_unknown'
            else 'not_at_risk'
        end as ineligible_code,
        value_at_risk as score,
        value_if_active_12m as tie_break_value,
        value_at_risk as value_at_stake,
        purchase_probability_12m as response_probability,
        case
            when frequency >= 2 and median_gap_days is not null then 'longer_than_usual'
            when frequency = 1 then 'came_back_once'
            else 'last_ordered'
        end as reason_1_code,
        'chance' as reason_2_code,
        case
            when value_tier_tonight {{ is_best }} then 'best_by_value'
            when is_in_top_share then 'best_when_active'
            else 'was_among_the_best'
        end as reason_3_code,
        case
            when lifecycle_status = 'highly_at_risk' then 'contact_in_person'
            else 'write_in_person'
        end as action_code,

        ---------- facts of the sentences
        cast(ceil(median_gap_days) as integer) as usual_gap_days,
        recency_days,
        days_since_last,
        purchase_probability_12m,
        case value_tier_tonight
            {%- for tier in best_tiers %}
            when '{{ tier }}' then {{ tiers[tier] }}
            {%- endfor %}
        end as best_in_100,
        {{ tiers.silver }} as silver_in_100,
        {{ best_share }} as best_share
    from best

)

select * from candidates
