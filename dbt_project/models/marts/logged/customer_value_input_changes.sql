{{ config(post_hook="{{ analyze(['customer_id']) }}") }}

-- Whose value is explained otherwise tonight than before, and who has none any more. Publication
-- logs these rows; a night on which nothing happened to a person adds none.
with tonight as (

    select * from {{ ref('int_customer_value_inputs') }}
    where purchase_days > 0

)

{{ changes_to_log(
    ref('int_customer_value_inputs_before'), 'tonight', value_input_columns()
) }}
