-- The best customers by value, and which of them are slipping away but can still be kept.
{%- set tiers = var('value_tiers') %}

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

rules as (

    select * from {{ ref('campaign_rules') }}

),

farewells as (

    select * from {{ ref('int_customer_farewells') }}

),

-- silver and up on any published night of the last 365 days, tonight included
were_silver as (

    select distinct customer_id
    from {{ ref('customer_history') }}
    where
        value_tier in ('platinum', 'gold', 'silver')
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
        placed.people_ahead < rules.best_share * placed.people as is_in_top_share,
        rules.best_share
    from placed
    cross join rules
    left join summaries
        on placed.customer_id = summaries.customer_id
    left join were_silver
        on placed.customer_id = were_silver.customer_id
    where
        were_silver.customer_id is not null
        or placed.people_ahead < rules.best_share * placed.people

),

candidates as (

    select
        'save_our_best' as list_code,
        customer_id,
        case
            when lifecycle_status in ('at_risk', 'highly_at_risk') then null
            when lifecycle_status = 'lost' then 'lost'
            else 'not_at_risk'
        end as ineligible_code,
        case
            when lifecycle_status in ('at_risk', 'highly_at_risk') then null
            when lifecycle_status = 'lost'
                then
                    {{ in_100('purchase_probability_12m') }}
                    || ' with this history order within a year: a matter of winning back'
            else
                coalesce(
                    {{ in_100('purchase_probability_12m') }}
                    || ' with this history order within a year: not at risk',
                    'the chance of another order is not known'
                )
        end as ineligible_reason,
        cast(value_at_risk as numeric(18, 6)) as score,
        cast(value_if_active_12m as numeric(18, 6)) as tie_break_value,
        cast(value_at_risk as numeric(18, 6)) as value_at_stake,
        case
            when frequency >= 2 and median_gap_days is not null
                then
                    'half of the time orders again within '
                    || {{ counted('cast(ceil(median_gap_days) as integer)', 'day') }} || '; now '
                    || {{ counted('days_since_last', 'day') }}
            when frequency = 1
                then
                    'came back once, after ' || {{ counted('recency_days', 'day') }}
                    || '; now ' || {{ counted('days_since_last', 'day') }}
            else
                'last ordered ' || {{ counted('days_since_last', 'day') }} || ' ago'
        end as reason_1,
        {{ in_100('purchase_probability_12m') }}
        || ' with this history order again within a year' as reason_2,
        case
            {%- for tier in ['platinum', 'gold', 'silver'] %}
            when value_tier_tonight = '{{ tier }}'
                then 'among the best {{ tiers[tier] }} in 100 by expected net value'
            {%- endfor %}
            when is_in_top_share
                then
                    'among the best ' || {{ in_100('best_share') }}
                    || ' by what an active year is worth'
            else
                'within the last year among the best {{ tiers.silver }} in 100'
                || ' by expected net value'
        end as reason_3,
        case
            when lifecycle_status = 'highly_at_risk'
                then 'Call or write in person, and ask what went wrong before offering anything'
            else 'Write in person, and ask whether anything could have been better'
        end as suggested_action
    from best

)

select * from candidates
