{#- Every account there is, and whose: delivered as a customer, or named by a merge alone. -#}
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
    left join {{ ref('customer_accounts') }} as delivered
        on merged.account_id = delivered.account_id
    where delivered.account_id is null
{%- endmacro %}
