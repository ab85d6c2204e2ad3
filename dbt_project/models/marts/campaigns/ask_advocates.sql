-- Happy customers who know us well enough to speak for us.
{%- set fewest_orders = list_threshold('ask_advocates', 'fewest_orders') %}
{%- set happy_nps = list_threshold('ask_advocates', 'happy_nps') %}
{%- set happy_csat = list_threshold('ask_advocates', 'happy_csat') %}

with known as (

    select
        people.*,
        answers.nps,
        answers.nps_on,
        breadths.categories,
        case when referrals.customer_id is null then 0 else referrals.referrals_12m end
            as referrals_12m,
        contacts.last_contact_on as asked_on
    from {{ ref('int_customers_described') }} as people
    left join {{ ref('int_last_recommendations') }} as answers
        on people.customer_id = answers.customer_id
    left join {{ ref('int_category_breadths') }} as breadths
        on people.customer_id = breadths.customer_id
    left join {{ ref('int_referrals_known') }} as referrals
        on people.customer_id = referrals.customer_id
    left join {{ last_contacts('ask_advocates') }} as contacts
        on people.customer_id = contacts.customer_id

)

-- happy at the last answer of either kind, if they gave any of it
select
    known.*,
    {{ fewest_orders }} as fewest_orders,
    case
        when orders_count < {{ fewest_orders }} then 'too_few_orders'
        when open_cases > 0 then 'case_open'
        when {{ contacted_within_gap('ask_advocates', 'asked_on') }} then 'asked_lately'
    end as ineligible_code,
    -- of whom no category is known, it is one at least
    (1 + coalesce(referrals_12m, 0)) * coalesce(categories, 1) as score,
    net_clv_12m as tie_break_value,
    value_at_risk as value_at_stake,
    purchase_probability_12m as response_probability,
    case when nps is not null then 'recommends' else 'satisfied' end as reason_1_code,
    case when categories is null then 'has_ordered' else 'knows_us' end as reason_2_code,
    case
        when referrals_12m > 0 then 'brought'
        when nps is not null and csat is not null then 'satisfied'
    end as reason_3_code,
    'ask' as action_code
from known
where
    (nps >= {{ happy_nps }} or csat >= {{ happy_csat }})
    and coalesce(nps, {{ happy_nps }}) >= {{ happy_nps }}
    and coalesce(csat, {{ happy_csat }}) >= {{ happy_csat }}
