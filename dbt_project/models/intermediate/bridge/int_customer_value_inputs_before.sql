{{ config(post_hook="{{ analyze(['customer_id', 'last_purchase_on']) }}") }}

-- What a person's value was reckoned from on the last published night before this one.
{{ newest_logged(source('decisions', 'effective_customer_value_inputs'), value_input_columns()) }}
