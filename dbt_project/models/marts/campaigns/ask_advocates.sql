-- Happy customers who know us well enough to speak for us.
{%- set fewest_orders = list_threshold('ask_advocates', 'fewest_orders') %}
{%- set nps = list_threshold('ask_advocates', 'happy_nps') %}
{%- set csat = list_threshold('ask_advocates', 'happy_csat') %}

with last_answers as (

    select
        customer_id,
        kind,
        score,
        answered_on,
        row_number() over (
            partition by customer_id, kind
            order by answered_at desc nulls last, {{ text_order('survey_id') }} desc nulls last
        ) as place
    from {{ ref('int_surveys_known') }}
    where kind in ('csat', 'nps')

),

happy as (

    select
        customer_id,
        max(case when kind = 'nps' then score end) as nps,
        max(case when kind = 'nps' then answered_on end) as nps_on,
        max(case when kind = 'csat' then score end) as csat,
        max(case when kind = 'csat' then answered_on end) as csat_on
    from last_answers
    where place = 1
    group by customer_id
    -- not one who was unhappy at the other question
    having
        coalesce(max(case when kind = 'nps' then score end), {{ nps }}) >= {{ nps }}
        and coalesce(max(case when kind = 'csat' then score end), {{ csat }}) >= {{ csat }}

),

bought as (

    select
        orders.customer_id,
        count(distinct lines.category) as categories
    from happy
    inner join {{ ref('fct_orders') }} as orders on happy.customer_id = orders.customer_id
    inner join {{ ref('fct_order_lines') }} as lines on orders.order_id = lines.order_id
    where orders.is_qualifying
    group by orders.customer_id

),

-- Of whom a referral could not be read: how many they brought is not known.
in_doubt as (

    select distinct customer_id
    from {{ ref('int_rows_in_doubt') }}
    where about = 'referral'

),

known as (

    select
        happy.*,
        customers.orders_count,
        coalesce(bought.categories, 0) as categories,
        coalesce(services.open_cases, 0) as open_cases,
        case
            when in_doubt.customer_id is null then coalesce(referrals.referrals_12m, 0)
        end as referrals_12m,
        contacts.last_contact_on as asked_on,
        customer_values.net_clv_12m,
        customer_values.purchase_probability_12m
    from happy
    inner join {{ ref('dim_customers') }} as customers
        on happy.customer_id = customers.customer_id
    left join bought on happy.customer_id = bought.customer_id
    left join {{ ref('customer_service_summaries') }} as services
        on happy.customer_id = services.customer_id
    left join {{ ref('customer_referrals') }} as referrals
        on happy.customer_id = referrals.customer_id
    left join in_doubt on happy.customer_id = in_doubt.customer_id
    left join {{ ref('customer_lifetime_values') }} as customer_values
        on happy.customer_id = customer_values.customer_id
    left join {{ ref('int_list_contacts') }} as contacts
        on
            happy.customer_id = contacts.customer_id
            and contacts.list_code = 'ask_advocates'

),

candidates as (

    select
        customer_id,
        case
            when orders_count < {{ fewest_orders }} then 'too_few_orders'
            when open_cases > 0 then 'case_open'
            when
                {{ days_between('asked_on', as_of()) }}
                < {{ list_threshold('ask_advocates', 'gap_days') }}
                then 'asked_lately'
        end as ineligible_code,
        (1 + coalesce(referrals_12m, 0)) * categories as score,
        net_clv_12m as tie_break_value,
        net_clv_12m as value_at_stake,
        purchase_probability_12m as response_probability,
        case when nps is not null then 'recommends' else 'satisfied' end as reason_1_code,
        'knows_us' as reason_2_code,
        case
            when referrals_12m > 0 then 'brought'
            when nps is not null and csat is not null then 'satisfied'
        end as reason_3_code,
        'ask' as action_code,
        nps,
        referrals_12m,

        ---------- facts of the sentences
        nps_on,
        csat,
        csat_on,
        orders_count,
        categories,
        open_cases,
        asked_on,
        {{ fewest_orders }} as fewest_orders
    from known

)

select * from candidates
