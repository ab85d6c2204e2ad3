{#- Accounts that are another person than at the last build: who each is now, and was then; null is
    nobody else. A merge or an un-merge touches whoever the account was and whoever it is. -#}
{% macro moved_accounts() -%}
    select
        coalesce(people_now.account_id, people_before.account_id) as account_id,
        people_now.customer_id as customer_id_now,
        people_before.customer_id as customer_id_before
    from {{ ref('int_account_people') }} as people_now
    full outer join {{ ref('int_account_people_before') }} as people_before
        on people_now.account_id = people_before.account_id
    where people_now.customer_id is distinct from people_before.customer_id
{%- endmacro %}
