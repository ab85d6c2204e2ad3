{{ config(materialized="table", post_hook="{{ analyze() }}") }}
{%- set learning = var('learning') %}
{%- set pace_from = add_days(as_of(), -1 * learning['pace_days']) %}

-- What tonight's new episodes are drawn with. A list learns while a year of entries, at its pace of
-- late, would hold out too few to be measured. Its first months say nothing of its pace: the first
-- night finds everybody who has qualified for long.
with definitions as (

    select
        list_code,
        holdout_share
    from {{ ref('list_definitions') }}
    where class = 'marketing'

),

entries as (

    select
        list_code,
        household_id,
        episode_no,
        min(entered_on) as entered_on
    from {{ source('decisions', 'effective_episodes') }}
    where
        as_of = entered_on
        and as_of < {{ as_of() }}
    group by list_code, household_id, episode_no

),

counted as (

    select
        list_code,
        min(entered_on) as first_entered_on,
        sum(case when entered_on > {{ pace_from }} then 1 else 0 end) as entries
    from entries
    group by list_code

),

paced as (

    select
        definitions.list_code,
        definitions.holdout_share as declared_share,
        case
            when counted.first_entered_on <= {{ pace_from }}
                then {{ ratio('365 * counted.entries', learning['pace_days'], 2) }}
        end as entries_a_year
    from definitions
    left join counted on definitions.list_code = counted.list_code

),

judged as (

    select
        paced.*,
        -- nothing held out is a company's own word
        declared_share > 0
        and coalesce(
            entries_a_year * declared_share < {{ learning['households_held'] }}, false
        ) as is_learning,
        coalesce(
            {{ ratio(learning['households_held'], 'entries_a_year', 4) }},
            {{ learning['most_share'] }}
        ) as share_to_learn
    from paced

),

final as (

    select
        list_code,
        cast(declared_share as numeric(6, 4)) as declared_share,
        cast(entries_a_year as numeric(14, 2)) as entries_a_year,
        is_learning,
        cast(
            case
                when is_learning
                    then greatest(
                        declared_share,
                        least(
                            greatest(share_to_learn, {{ learning['least_share'] }}),
                            {{ learning['most_share'] }}
                        )
                    )
                else declared_share
            end
            as numeric(6, 4)
        ) as holdout_share
    from judged

)

select * from final
