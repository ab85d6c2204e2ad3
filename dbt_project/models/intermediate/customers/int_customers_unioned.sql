{{ config(
    materialized="table",
    post_hook="{{ analyze(['customer_id']) }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

-- People, as their own account has them; whoever is staff under one account is staff.
with {{ people_and_accounts(
    'customers', 'max(case when accounts.is_staff then 1 else 0 end) = 1 as is_staff'
) }}

select
    people.customer_id,
    people.language,
    people.country,
    people.timezone,
    people.birth_month_day,
    people.anniversary_month_day,
    people.preferred_channel,
    people.is_staff or coalesce(of_other_accounts.is_staff, false) as is_staff,
    people.created_at
from people
left join of_other_accounts on people.customer_id = of_other_accounts.customer_id
