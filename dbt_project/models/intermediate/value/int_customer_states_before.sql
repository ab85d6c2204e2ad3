{{ config(post_hook="{{ analyze() }}") }}

-- How everybody stood when the last night before this one was published. Each night logs only
-- who changed, so a person's state is their newest row.

with logged as (

    select
        states.*,
        row_number() over (
            partition by customer_id
            order by as_of desc nulls last
        ) as place
    from {{ source('decisions', 'effective_customer_states') }} as states
    where as_of < {{ as_of() }}

),

newest as (

    select
        customer_id,
        {{ customer_state_columns() | join(',\n        ') }}
    from logged
    where place = 1 and is_known

)

select * from newest
