{{ config(meta={"changes_with": "touched_customers"}, post_hook="{{ analyze() }}") }}

-- depends_on: {{ ref('int_touched_customers') }}

select
    firsts.acquisition_channel,
    firsts.first_category,
    months.cohort_month,
    months.age_month,
    sum(case when months.orders > 0 then 1 else 0 end) as active_customers,
    sum(months.net_sales) as net_sales,
    sum(months.contribution_margin) as contribution_margin
from {{ ref('int_customer_months') }} as months
inner join {{ ref('int_customer_firsts') }} as firsts
    on months.customer_id = firsts.customer_id
where months.cohort_by = 'first'
group by
    firsts.acquisition_channel,
    firsts.first_category,
    months.cohort_month,
    months.age_month
