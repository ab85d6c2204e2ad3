-- Who was on which list at the last publication before this night that did not withhold it.

with logged as (

    select distinct
        members.list_code,
        coalesce(people.customer_id, members.customer_id) as customer_id,
        members.as_of
    from {{ source('decisions', 'effective_list_members') }} as members
    left join {{ ref('int_account_people') }} as people
        on members.customer_id = people.account_id

),

withheld as (

    select
        list_code,
        as_of
    from {{ source('decisions', 'effective_withheld_lists') }}

),

lists as (

    select distinct list_code from logged

),

previous_nights as (

    select
        lists.list_code,
        max(publications.as_of) as as_of
    from {{ source('decisions', 'effective_publications') }} as publications
    cross join lists
    left join withheld
        on
            publications.as_of = withheld.as_of
            and lists.list_code = withheld.list_code
    where
        publications.as_of < {{ as_of() }}
        and withheld.list_code is null
    group by lists.list_code

),

previous_members as (

    select
        logged.list_code,
        logged.customer_id,
        logged.as_of
    from logged
    inner join previous_nights
        on
            logged.list_code = previous_nights.list_code
            and logged.as_of = previous_nights.as_of

)

select * from previous_members
