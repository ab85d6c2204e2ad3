{{ config(materialized="view") }}

-- People, as their own account has them; the youngest age that one of their accounts gives is the
-- age that protects them.
with accounts as (

    {{ union_systems('contacts') }}

),

other_accounts as (

    select * from {{ ref('int_account_people') }}

),

of_other_accounts as (

    select
        other_accounts.customer_id,
        max(accounts.birth_date) as birth_date
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
    people.*,
    greatest(
        coalesce(people.birth_date, of_other_accounts.birth_date),
        coalesce(of_other_accounts.birth_date, people.birth_date)
    ) as youngest_birth_date
from people
left join of_other_accounts on people.customer_id = of_other_accounts.customer_id
