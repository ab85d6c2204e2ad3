with members as (

    select * from {{ ref('list_members') }}

),

exclusions as (

    select * from {{ ref('list_exclusions') }}

),

definitions as (

    select * from {{ ref('list_definitions') }}

),

previous as (

    select * from {{ ref('int_previous_list_members') }}

),

present as (

    select
        list_code,
        customer_id,
        movement,
        case
            when movement = 'stayed'
                then 'on the list since ' || {{ day_in_words('entered_on') }}
            when entered_on < {{ as_of() }}
                then 'back again, first on the list on ' || {{ day_in_words('entered_on') }}
            else reason_1
        end as why
    from members

),

gone as (

    select
        previous.list_code,
        previous.customer_id,
        'left' as movement,
        coalesce(exclusions.reason, definitions.outside_reason, 'the list is no longer made')
            as why
    from previous
    left join members
        on
            previous.list_code = members.list_code
            and previous.customer_id = members.customer_id
    left join exclusions
        on
            previous.list_code = exclusions.list_code
            and previous.customer_id = exclusions.customer_id
    left join definitions
        on previous.list_code = definitions.list_code
    where members.customer_id is null

),

movements as (

    select * from present
    union all
    select * from gone

)

select
    list_code,
    {{ as_of() }} as as_of,
    customer_id,
    movement,
    why
from movements
