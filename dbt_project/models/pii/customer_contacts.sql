{{ config(materialized="view") }}
{%- set youngest %}
        max(accounts.birth_date) as birth_date,
        max(accounts.kept_birth_date) as kept_birth_date
{%- endset %}

-- People, as their own account has them; the youngest age that one of their accounts gives is the
-- age that protects them, of dates that were taken back as well.
with {{ people_and_accounts('contacts', youngest) }}

select
    people.*,
    greatest(
        coalesce(people.birth_date, of_other_accounts.birth_date),
        coalesce(of_other_accounts.birth_date, people.birth_date)
    ) as youngest_birth_date,
    greatest(
        coalesce(people.kept_birth_date, of_other_accounts.kept_birth_date),
        coalesce(of_other_accounts.kept_birth_date, people.kept_birth_date)
    ) as youngest_kept_birth_date
from people
left join of_other_accounts on people.customer_id = of_other_accounts.customer_id
