{{ config(materialized="view") }}

-- People, as their own account has them; whoever is staff under one account is staff.
with accounts as (

    {{ union_systems('customers') }}

),

other_accounts as (

    select * from {{ ref('int_account_people') }}

),

of_other_accounts as (

    select
        other_accounts.customer_id,
        max(case when accounts.is_staff then 1 else 0 end) = 1 as is_staff
    from other_accounts
    inner join accounts on other_accounts.account_id = accounts.customer_id
    group by other_accounts.customer_id

),

people as (

    select accounts.*
    from accounts
    left join other_accounts on accounts.customer_id = other_accounts.account_id
    where other_accounts.account_id is null

)

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
