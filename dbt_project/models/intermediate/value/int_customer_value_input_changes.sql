-- Whose value is explained otherwise tonight than before, and who has none any more. Publication
-- logs these rows; a night on which nothing happened to a person adds none.
with before as (

    select * from {{ ref('int_customer_value_inputs_before') }}

),

tonight as (

    select * from {{ ref('int_customer_value_inputs') }}
    where purchase_days > 0

),

changed as (

    select
        {%- for column in value_input_columns() %}
        tonight.{{ column }},
        {%- endfor %}
        tonight.customer_id
    from tonight
    left join before on tonight.customer_id = before.customer_id
    where
        before.customer_id is null
        {%- for column in value_input_columns() %}
        or tonight.{{ column }} is distinct from before.{{ column }}
        {%- endfor %}

),

gone as (

    select
        {%- for column in value_input_columns() %}
        before.{{ column }},
        {%- endfor %}
        before.customer_id
    from before
    left join tonight on before.customer_id = tonight.customer_id
    where tonight.customer_id is null

),

changes as (

    select
        true as is_known,
        changed.*
    from changed
    union all
    select
        false as is_known,
        gone.*
    from gone

)

select
    {{ as_of() }} as as_of,
    customer_id,
    is_known,
    {{ value_input_columns() | join(',\n    ') }}
from changes
