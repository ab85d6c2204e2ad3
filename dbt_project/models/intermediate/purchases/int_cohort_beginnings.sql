{{ config(meta={"changes_with": "touched_customers"}, post_hook="{{ analyze() }}") }}

-- depends_on: {{ ref('int_touched_customers') }}

-- Everybody is read once: who began alike, by whatever they are told apart, is added up first.
select
    firsts.acquisition_channel,
    firsts.first_category,
    {{ month_start('purchases.first_purchase_on') }} as cohort_month,
    {{ months_between('purchases.first_purchase_on', 'purchases.second_purchase_on') }}
        as repeat_age_month,
    count(*) as customers
from {{ ref('int_customer_firsts') }} as firsts
inner join {{ ref('int_customer_purchases') }} as purchases
    on firsts.customer_id = purchases.customer_id
where purchases.first_purchase_on is not null
group by
    firsts.acquisition_channel,
    firsts.first_category,
    {{ month_start('purchases.first_purchase_on') }},
    {{ months_between('purchases.first_purchase_on', 'purchases.second_purchase_on') }}
