-- What became of everybody assigned by a list, treated or held, once the outcome window and its
-- refunds have passed: of the people it was drawn for, wherever they live since. Margin is before
-- contact cost and incentive.

with logged as (

    select
        episodes.*,
        row_number() over (
            partition by list_code, household_id, episode_no
            order by as_of asc nulls last, {{ text_order('customer_id') }} asc nulls last
        ) as place
    from {{ source('decisions', 'effective_episodes') }} as episodes
    where
        as_of < {{ as_of() }}
        and closes_on <= {{ as_of() }}

),

episodes as (

    select
        list_code,
        household_id,
        cast(episode_no as integer) as episode_no,
        entered_on,
        {{ add_days('closes_on', '-1 * ' ~ list_settle_days('list_code')) }} as outcome_ends_on,
        stratum,
        arm,
        drawn_share,
        predicted_value,
        value_at_stake,
        as_of as drawn_on
    from logged
    where place = 1

),

episode_people as (

    {{ episode_people() }}

),

people as (

    select
        list_code,
        household_id,
        episode_no,
        count(*) as people
    from episode_people
    group by list_code, household_id, episode_no

),

list_versions as (

    select
        as_of,
        list_code,
        list_version
    from {{ source('decisions', 'effective_list_versions') }}

),

orders as (

    select
        customer_id,
        ordered_on,
        is_qualifying,
        case when is_held then 0 else contribution_margin end as contribution_margin
    from {{ ref('fct_orders') }}
    where is_accounted_for

),

margins as (

    select
        episodes.list_code,
        episodes.household_id,
        episodes.episode_no,
        sum(
            case
                when orders.ordered_on >= episodes.entered_on then orders.contribution_margin
                else 0
            end
        ) as margin,
        sum(
            case
                when orders.ordered_on < episodes.entered_on then orders.contribution_margin
                else 0
            end
        ) as margin_before,
        count(distinct case
            when orders.is_qualifying and orders.ordered_on >= episodes.entered_on
                then episode_people.customer_id
        end) as buyers
    from episodes
    inner join episode_people
        on
            episodes.list_code = episode_people.list_code
            and episodes.household_id = episode_people.household_id
            and episodes.episode_no = episode_people.episode_no
    inner join orders on episode_people.customer_id = orders.customer_id
    where
        orders.ordered_on >= {{ add_days('episodes.entered_on', -365) }}
        and orders.ordered_on < episodes.outcome_ends_on
    group by episodes.list_code, episodes.household_id, episodes.episode_no

),

contacts as (

    select
        episodes.list_code,
        episodes.household_id,
        episodes.episode_no,
        count(*) as contacts,
        sum(case when contacts.outcome = 'unsubscribed' then 1 else 0 end) as opt_outs,
        sum(case when contacts.outcome = 'complained' then 1 else 0 end) as complaints,
        sum({{ contact_cost('contacts.channel') }}) as cost
    from episodes
    inner join episode_people
        on
            episodes.list_code = episode_people.list_code
            and episodes.household_id = episode_people.household_id
            and episodes.episode_no = episode_people.episode_no
    inner join {{ ref('fct_campaign_contacts') }} as contacts
        on
            episode_people.customer_id = contacts.customer_id
            and episodes.list_code = contacts.list_code
    where
        contacts.sent_on >= episodes.entered_on
        and contacts.sent_on < episodes.outcome_ends_on
    group by episodes.list_code, episodes.household_id, episodes.episode_no

),

list_outcomes as (

    select
        episodes.list_code,
        episodes.household_id,
        episodes.episode_no,
        episodes.entered_on,
        cast(list_versions.list_version as integer) as list_version,
        episodes.stratum,
        episodes.arm,
        cast(episodes.drawn_share as numeric(6, 4)) as drawn_share,
        cast(coalesce(people.people, 1) as integer) as people,
        cast(coalesce(margins.buyers, 0) as integer) as buyers,
        cast(coalesce(margins.margin, 0) as numeric(14, 2)) as margin,
        cast(coalesce(margins.margin_before, 0) as numeric(14, 2)) as margin_before,
        cast(episodes.predicted_value as numeric(14, 2)) as predicted_value,
        cast(
            case when episodes.value_at_stake < 0 then 0 else episodes.value_at_stake end
            as numeric(14, 2)
        ) as value_at_stake,
        cast(coalesce(contacts.contacts, 0) as integer) as contacts,
        cast(coalesce(contacts.opt_outs, 0) as integer) as opt_outs,
        cast(coalesce(contacts.complaints, 0) as integer) as complaints,
        cast(coalesce(contacts.cost, 0) as numeric(14, 2)) as cost
    from episodes
    left join list_versions
        on
            episodes.list_code = list_versions.list_code
            and episodes.drawn_on = list_versions.as_of
    left join people
        on
            episodes.list_code = people.list_code
            and episodes.household_id = people.household_id
            and episodes.episode_no = people.episode_no
    left join margins
        on
            episodes.list_code = margins.list_code
            and episodes.household_id = margins.household_id
            and episodes.episode_no = margins.episode_no
    left join contacts
        on
            episodes.list_code = contacts.list_code
            and episodes.household_id = contacts.household_id
            and episodes.episode_no = contacts.episode_no

)

select * from list_outcomes
