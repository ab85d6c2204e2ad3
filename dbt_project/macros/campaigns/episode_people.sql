{#- Who an episode was drawn for, as they are known tonight: everybody who was on the list in it, and
    whom they lived with on the night it began. A row per list_code, household_id, episode_no and
    customer_id. -#}
{% macro episode_people() -%}
    select distinct
        drawn_for.list_code,
        drawn_for.household_id,
        drawn_for.episode_no,
        coalesce(people.customer_id, drawn_for.customer_id) as customer_id
    from (
        select
            list_code,
            household_id,
            episode_no,
            customer_id
        from {{ source('decisions', 'effective_episodes') }}
        where as_of < {{ regulars.as_of() }}
        union
        select
            episodes.list_code,
            episodes.household_id,
            episodes.episode_no,
            members.customer_id
        from {{ source('decisions', 'effective_episodes') }} as episodes
        inner join {{ source('decisions', 'effective_household_members') }} as members
            on
                episodes.household_id = members.household_id
                and episodes.entered_on = members.as_of
        where episodes.as_of < {{ regulars.as_of() }}
    ) as drawn_for
    left join {{ ref('int_account_people') }} as people
        on drawn_for.customer_id = people.account_id
{%- endmacro %}
