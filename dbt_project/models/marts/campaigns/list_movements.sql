{{ config(materialized="table") }}

with members as (

    select * from {{ ref('list_members') }}

),

stopped as (

    select
        list_code,
        customer_id,
        exclusion_reason as reason
    from {{ ref('int_list_stops') }}

    union all

    select
        list_code,
        customer_id,
        left_out_reason as reason
    from {{ ref('int_list_assignments') }}
    where left_out_code is not null

),

definitions as (

    select * from {{ ref('list_definitions') }}

),

withheld as (

    select * from {{ ref('withheld_lists') }}

),

previous as (

    select * from {{ ref('int_previous_list_members') }}

),

returned as (

    select
        members.*,
        case
            when movement = 'stayed' then 'stayed'
            when entered_on < {{ as_of() }} then 'came_back'
        end as why_code
    from members

),

present as (

    select
        list_code,
        customer_id,
        movement,
        coalesce(
            {{ shared_sentence('why_code', 'movements', ['stayed', 'came_back']) }},
            reason_1
        ) as why
    from returned

),

gone as (

    select
        previous.list_code,
        previous.customer_id,
        'left' as movement,
        stopped.reason,
        definitions.left_in_words,
        'list_is_gone' as why_code
    from previous
    left join members
        on
            previous.list_code = members.list_code
            and previous.customer_id = members.customer_id
    left join stopped
        on
            previous.list_code = stopped.list_code
            and previous.customer_id = stopped.customer_id
    left join definitions
        on previous.list_code = definitions.list_code
    left join withheld
        on previous.list_code = withheld.list_code
    where
        members.customer_id is null
        -- nobody leaves a list that is only withheld
        and withheld.list_code is null

),

explained as (

    select
        list_code,
        customer_id,
        movement,
        coalesce(
            reason,
            left_in_words,
            {{ shared_sentence('why_code', 'movements', ['list_is_gone']) }}
        ) as why
    from gone

),

movements as (

    select * from present
    union all
    select * from explained

)

select
    list_code,
    {{ as_of() }} as as_of,
    customer_id,
    movement,
    why
from movements
