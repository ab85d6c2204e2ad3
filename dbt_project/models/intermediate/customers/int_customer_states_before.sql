{{ config(post_hook="{{ analyze(['customer_id']) }}") }}

-- How everybody stood when the last night before this one was published.
{{ newest_logged(source('decisions', 'effective_customer_states'), customer_state_columns()) }}
