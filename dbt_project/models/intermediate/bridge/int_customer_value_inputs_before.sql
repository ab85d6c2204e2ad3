{{ config(post_hook="{{ analyze() }}") }}

-- Each night logs only whose inputs changed, so what a person's value was reckoned from is their
-- newest row.
with logged as (

    select
        inputs.*,
        row_number() over (
            partition by customer_id
            order by as_of desc nulls last
        ) as place
    from {{ source('decisions', 'effective_customer_value_inputs') }} as inputs
    where as_of < {{ as_of() }}

),

newest as (

    select
        customer_id,
        {{ value_input_columns() | join(',\n        ') }}
    from logged
    where place = 1 and is_known

)

select * from newest
