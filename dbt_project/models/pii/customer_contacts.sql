{{ config(materialized="view") }}

-- People, as their own account has them; the youngest age that one of their accounts gives is the
-- age that protects them.
with {{ people_and_accounts('contacts', 'max(accounts.birth_date) as birth_date') }}

select
    people.*,
    greatest(
        coalesce(people.birth_date, of_other_accounts.birth_date),
        coalesce(of_other_accounts.birth_date, people.birth_date)
    ) as youngest_birth_date
from people
left join of_other_accounts on people.customer_id = of_other_accounts.customer_id
