-- Who was on which list at the last publication before this night.

with logged as (

    select
        list_code,
        customer_id,
        as_of
    from {{ source('decisions', 'effective_list_members') }}

),

previous_nights as (

    select max(as_of) as as_of
    from {{ source('decisions', 'effective_publications') }}
    where as_of < {{ as_of() }}

),

previous_members as (

    select
        logged.list_code,
        logged.customer_id,
        logged.as_of
    from logged
    inner join previous_nights
        on logged.as_of = previous_nights.as_of

)

select * from previous_members
