{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('customer_id', 'int_customers_logged_since') }}",
    post_hook="{{ analyze(['customer_id', 'last_purchase_on']) }}",
) }}

-- What a person's value was reckoned from on the last published night before this one.
{{ newest_logged(
    source('decisions', 'effective_customer_value_inputs'),
    ['as_of as logged_on'] + value_input_columns(),
    of_whom=only_touched_customers(touched='int_customers_logged_since')
) }}
