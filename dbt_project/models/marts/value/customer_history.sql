with states as (

    select
        as_of,
        customer_id,
        is_known,
        {{ customer_state_columns() | join(',\n        ') }}
    from {{ source('decisions', 'effective_customer_states') }}
    where as_of < {{ as_of() }}
    union all
    select
        as_of,
        customer_id,
        is_known,
        {{ customer_state_columns() | join(',\n        ') }}
    from {{ ref('customer_state_changes') }}

),

spans as (

    select
        states.*,
        lead(as_of) over (
            partition by customer_id
            order by as_of asc nulls last
        ) as valid_to
    from states

)

select
    customer_id,
    as_of as valid_from,
    valid_to,
    {{ customer_state_columns() | join(',\n    ') }}
from spans
where is_known
