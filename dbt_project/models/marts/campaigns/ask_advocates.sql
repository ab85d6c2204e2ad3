-- Happy customers who know us well enough to speak for us.
{%- set fewest_orders = list_threshold('ask_advocates', 'fewest_orders') %}
{%- set happy_nps = list_threshold('ask_advocates', 'happy_nps') %}
{%- set happy_csat = list_threshold('ask_advocates', 'happy_csat') %}
{#- Of whom a referral could not be read, how many they brought is not known. -#}
{%- set referrals_12m =
    'case when in_doubt.customer_id is null then coalesce(referrals.referrals_12m, 0) end'
%}

with recommendations as (

    select
        customer_id,
        score as nps,
        answered_on as nps_on,
        row_number() over (
            partition by customer_id
            order by answered_at desc nulls last, {{ text_order('survey_id') }} desc nulls last
        ) as place
    from {{ ref('int_surveys_known') }}
    where
        kind = 'nps'
        and score is not null

),

categories as (

    select
        customer_id,
        nullif(count(category), 0) as categories
    from {{ ref('int_customer_categories') }}
    group by customer_id

),

in_doubt as (

    select distinct customer_id
    from {{ ref('int_rows_in_doubt') }}
    where about = 'referral'

)

-- happy at the last answer of either kind, if they gave any of it
select
    people.*,
    recommendations.nps,
    recommendations.nps_on,
    categories.categories,
    {{ referrals_12m }} as referrals_12m,
    contacts.last_contact_on as asked_on,
    {{ fewest_orders }} as fewest_orders,
    case
        when people.orders_count < {{ fewest_orders }} then 'too_few_orders'
        when people.open_cases > 0 then 'case_open'
        when {{ contacted_within_gap('ask_advocates', 'contacts.last_contact_on') }}
            then 'asked_lately'
    end as ineligible_code,
    -- of whom no category is known, it is one at least
    (1 + coalesce({{ referrals_12m }}, 0)) * coalesce(categories.categories, 1) as score,
    people.net_clv_12m as tie_break_value,
    people.value_at_risk as value_at_stake,
    people.purchase_probability_12m as response_probability,
    case when recommendations.nps is not null then 'recommends' else 'satisfied' end
        as reason_1_code,
    case when categories.categories is null then 'has_ordered' else 'knows_us' end
        as reason_2_code,
    case
        when {{ referrals_12m }} > 0 then 'brought'
        when recommendations.nps is not null and people.csat is not null then 'satisfied'
    end as reason_3_code,
    'ask' as action_code
from {{ ref('int_customers_described') }} as people
left join recommendations
    on
        people.customer_id = recommendations.customer_id
        and recommendations.place = 1
left join categories on people.customer_id = categories.customer_id
left join {{ ref('customer_referrals') }} as referrals
    on people.customer_id = referrals.customer_id
left join in_doubt on people.customer_id = in_doubt.customer_id
left join {{ last_contacts('ask_advocates') }} as contacts
    on people.customer_id = contacts.customer_id
where
    (recommendations.nps >= {{ happy_nps }} or people.csat >= {{ happy_csat }})
    and coalesce(recommendations.nps, {{ happy_nps }}) >= {{ happy_nps }}
    and coalesce(people.csat, {{ happy_csat }}) >= {{ happy_csat }}
