{#- Every account of somebody, and whose: delivered as a customer, or by a merge theirs alone. An id
    that a merge leads to another of nobody is itself nobody's. -#}
{% macro every_account() -%}
    select
        account_id,
        customer_id
    from {{ ref('customer_accounts') }}
    union all
    select
        merged.account_id,
        merged.customer_id
    from {{ ref('int_account_people') }} as merged
    inner join {{ ref('customer_accounts') }} as people
        on merged.customer_id = people.account_id
    left join {{ ref('customer_accounts') }} as delivered
        on merged.account_id = delivered.account_id
    where delivered.account_id is null
{%- endmacro %}
