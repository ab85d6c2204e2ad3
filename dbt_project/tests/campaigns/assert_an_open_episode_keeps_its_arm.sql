-- A member whose episode is still open has the arm, the number and the dates it was logged with.
-- Whoever lives where one was drawn is never treated while it holds them out.
with members as (

    select * from {{ ref('list_members') }}

),

open_episodes as (

    select *
    from {{ source('decisions', 'effective_episodes') }}
    where
        as_of < {{ as_of() }}
        and closes_on > {{ as_of() }}

)

select
    members.list_code,
    members.customer_id
from members
inner join open_episodes
    on
        members.list_code = open_episodes.list_code
        and members.episode_household_id = open_episodes.household_id
where
    members.arm <> open_episodes.arm
    or members.episode_no <> open_episodes.episode_no
    or members.entered_on <> open_episodes.entered_on
    or members.closes_on <> open_episodes.closes_on
union
select
    members.list_code,
    members.customer_id
from members
inner join open_episodes
    on
        members.list_code = open_episodes.list_code
        and members.household_id = open_episodes.household_id
where
    members.arm = 'treat'
    and open_episodes.arm = 'hold'
