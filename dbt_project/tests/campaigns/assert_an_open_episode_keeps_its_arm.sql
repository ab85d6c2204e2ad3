-- A member whose episode is still open has the arm, the number and the dates it was logged with.

select
    members.list_code,
    members.customer_id
from {{ ref('list_members') }} as members
inner join {{ source('decisions', 'effective_episodes') }} as episodes
    on
        members.list_code = episodes.list_code
        and members.household_id = episodes.household_id
where
    episodes.as_of < {{ as_of() }}
    and episodes.closes_on > {{ as_of() }}
    and (
        members.arm <> episodes.arm
        or members.episode_no <> episodes.episode_no
        or members.entered_on <> episodes.entered_on
        or members.closes_on <> episodes.closes_on
    )
