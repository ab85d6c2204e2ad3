{{ config(post_hook="{{ analyze() }}") }}

-- Days whose file is no whole one, beside what came before.
{#- A header alone is doubted where each of so many files had rows, of the last weeks, on weekdays
    that never came empty; of fewer files, where each had more rows than chance leaves out; and where
    there are more of them one behind the other than so many times the longest row of them before.
    No header alone vouches for the next: all are compared with what came before the first. A file
    of an earlier day once more is doubted where each of so many files was another. -#}
{%- set times_longest = 3 %}
{#- Few rows, or none, are doubted beside so many files of that weekday, when they lie under the
    declared share of the median (doubt_below_pct), under every one of them, and further from the
    median than chance explains: so many standard deviations of a count. One empty file among so
    many (a holiday, a fault) does not make the next one usual. -#}
{%- set files_of_weekday = 6 %}
{#- After so many files, a first one on a weekday that none came on may well have no rows. -#}
{%- set files_of_known_weekdays = 28 %}
{%- set deviations = 3 %}

with in_runs as (

    select * from {{ ref('int_feed_file_days') }}

),

odd_days as (

    select * from {{ ref('int_feed_odd_days') }}

),

before_by_weekday as (

    select
        odd_days.feed,
        odd_days.day,
        earlier.weekday,
        count(*) as files,
        min(earlier.rows_in) as fewest_rows,
        min(case when earlier.rows_in > 0 then earlier.rows_in end) as fewest_but_none,
        sum(case when earlier.rows_in = 0 then 1 else 0 end) as empty_files,
        {{ median('earlier.rows_in') }} as usual_rows,
        max(earlier.unended_files) as unended_files,
        max(earlier.repeated_files) as repeated_files,
        max(earlier.streak_length) as longest_streak
    from odd_days
    inner join in_runs as earlier
        on
            odd_days.feed = earlier.feed
            and odd_days.compared_until > earlier.day
            and (
                odd_days.is_seldom
                or {{ days_between('earlier.day', 'odd_days.compared_until') }}
                <= {{ 7 * var('doubt_weeks') }}
            )
    group by odd_days.feed, odd_days.day, earlier.weekday

),

compared as (

    select
        odd_days.feed,
        odd_days.day,
        odd_days.is_seldom,
        odd_days.files_to_judge,
        odd_days.rows_in,
        odd_days.doubt_below_pct,
        odd_days.unended_files,
        odd_days.repeated_files,
        odd_days.counted_files,
        odd_days.run_length,
        sum(earlier.files) as files_before,
        max(earlier.longest_streak) as longest_streak,
        max(earlier.unended_files) as unended_before,
        max(earlier.repeated_files) as repeated_before,
        sum(case when earlier.fewest_rows > 0 then earlier.files else 0 end) as files_with_rows,
        min(case when earlier.weekday = odd_days.weekday then earlier.fewest_rows end)
            as fewest_on_weekday,
        min(
            case
                when
                    earlier.weekday = odd_days.weekday
                    and {{ files_of_weekday }} * earlier.empty_files <= earlier.files
                    then earlier.fewest_but_none
                when earlier.weekday = odd_days.weekday then earlier.fewest_rows
            end
        ) as fewest_usually,
        min(earlier.fewest_rows) as fewest_ever,
        min(case when earlier.weekday = odd_days.weekday then earlier.usual_rows end)
            as usual_on_weekday,
        sum(case when earlier.weekday = odd_days.weekday then earlier.files else 0 end)
            as files_on_weekday,
        sum(case when earlier.weekday = odd_days.weekday then earlier.files else 0 end) = 0
        and sum(earlier.files) >= {{ files_of_known_weekdays }} as is_new_weekday
    from odd_days
    inner join before_by_weekday as earlier
        on
            odd_days.feed = earlier.feed
            and odd_days.day = earlier.day
    group by
        odd_days.feed,
        odd_days.day,
        odd_days.is_seldom,
        odd_days.files_to_judge,
        odd_days.rows_in,
        odd_days.doubt_below_pct,
        odd_days.unended_files,
        odd_days.repeated_files,
        odd_days.counted_files,
        odd_days.run_length

),

doubted as (

    select
        feed,
        day
    from compared
    where
        (
            repeated_files > 0
            and repeated_before = 0
            and not is_seldom
            and files_with_rows >= files_to_judge
        )
        or (
            counted_files = 0
            and (
                (unended_files > 0 and unended_before = 0)
                or (
                    rows_in = 0
                    and (
                        (
                            not is_seldom
                            and fewest_on_weekday > 0
                            and files_with_rows >= files_to_judge
                        )
                        or (
                            not is_seldom
                            and fewest_ever > {{ deviations * deviations }}
                            and files_before >= {{ files_of_weekday }}
                            and not is_new_weekday
                        )
                        or (
                            run_length > {{ times_longest }} * longest_streak
                            and files_before >= files_to_judge
                            and (is_seldom or longest_streak > 0 or not is_new_weekday)
                        )
                    )
                )
                or (
                    not is_seldom
                    and files_on_weekday >= {{ files_of_weekday }}
                    and rows_in < fewest_usually
                    and 100 * rows_in <= doubt_below_pct * usual_on_weekday
                    and (usual_on_weekday - rows_in) * (usual_on_weekday - rows_in)
                    > {{ deviations * deviations }} * usual_on_weekday
                )
            )
        )

    union

    -- whatever came before: a revision that takes all rows of its day away, a file of several rows
    -- none of which could be read
    select
        feed,
        day
    from odd_days
    where
        emptying_files = 1
        or unread_files > 0

)

select
    feed,
    min(day) as doubted_on,
    cast(count(*) as integer) as doubted_files
from doubted
group by feed
