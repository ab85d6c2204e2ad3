{{ config(materialized="view") }}

-- Accounts that go by another's name tonight, for who reads tables outside dbt.
select
    account_id,
    customer_id
from {{ ref('int_account_people') }}
