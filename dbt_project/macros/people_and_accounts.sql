{#- Two CTEs over the rows of an entity that has one row an account: `people`, each as their own
    account has them, and `of_other_accounts`, by person, what `aggregate` makes of the `accounts`
    that are merged into them. -#}
{% macro people_and_accounts(entity, aggregate) -%}
accounts as (

    {{ regulars.union_systems(entity) }}

),

other_accounts as (

    select * from {{ ref('int_account_people') }}

),

of_other_accounts as (

    select
        other_accounts.customer_id,
        {{ aggregate }}
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
{%- endmacro %}
