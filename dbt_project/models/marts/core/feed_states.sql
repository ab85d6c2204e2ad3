{{ config(post_hook="{{ analyze() }}") }}

-- Which feeds are in, as of the night: the one place that decides what is overdue and so which
-- guards are stale. Lists, gate, report, status and alerts read it.
{%- set guards = ['sales', 'permission', 'service', 'farewells'] %}
{%- set text = dbt.type_string() %}
{#- A header alone is doubted where each of so many files had rows, of the last weeks, on weekdays
    that never came empty; and where there are more of them one behind the other than so many times
    the longest row of them before. No header alone vouches for the next: all are compared with what
    came before the first. -#}
{%- set weeks_before = 8 %}
{%- set files_with_rows = 28 %}
{%- set files_on_change = 3 %}
{%- set times_longest = 3 %}
{%- set marketing_lists = ["'none'"] %}
{%- for list_code in (var('lists') if execute else [])
    if list_definition(list_code).class == 'marketing' %}
    {%- do marketing_lists.append("'" ~ list_code ~ "'") %}
{%- endfor %}
{#- Few rows are doubted beside so many files of that weekday, when they lie under the declared
    share of the median (doubt_below_pct), under every one of them, and further from the median than
    chance explains: so many standard deviations of a count. -#}
{%- set files_of_weekday = 6 %}
{%- set deviations = 3 %}

with declared as (

    {% for feed in declared_feeds() -%}
    select
        '{{ feed.feed }}' as feed,
        '{{ feed.system_name }}' as system_name,
        '{{ feed.load_rule }}' as load_rule,
        '{{ feed.expected }}' as expected,
        {{ feed.grace_days }} as grace_days,
        {{ feed.doubt_below_pct }} as doubt_below_pct,
        {{ feed.follows_lists | lower }} as follows_lists,
        cast({{ "'" ~ feed.since ~ "'" if feed.since else 'null' }} as date) as since,
        {% for guard in guards -%}
        {{ (guard in feed.guards) | lower }} as guards_{{ guard }},
        {% endfor -%}
        {% for day in range(7) -%}
        cast({{ feed.steps[day] if feed.steps else 'null' }} as integer) as step_{{ day + 1 }},
        {% endfor -%}
        {{ feed.is_switched_on | lower }} as is_switched_on
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        cast(null as {{ text }}) as feed,
        cast(null as {{ text }}) as system_name,
        cast(null as {{ text }}) as load_rule,
        cast(null as {{ text }}) as expected,
        0 as grace_days,
        0 as doubt_below_pct,
        false as follows_lists,
        cast(null as date) as since,
        {% for guard in guards -%}
        false as guards_{{ guard }},
        {% endfor -%}
        {% for day in range(7) -%}
        cast(null as integer) as step_{{ day + 1 }},
        {% endfor -%}
        false as is_switched_on
    where 1 = 0
    {% endfor %}

),

accepted as (

    select distinct
        feed,
        delivered_on
    from {{ ref('stg_deliveries') }}

),

ledger as (

    select *
    from {{ source('ledger', 'deliveries') }}
    where
        delivered_on <= {{ as_of() }}
        and delivery_id <= {{ var('last_delivery_id') }}

),

approvals as (

    select distinct input_digest as approved_state
    from {{ source('decisions', 'approvals') }}
    where
        as_of = {{ as_of() }}
        and gate = 'guards'

),

systems as (

    select
        declared.system_name,
        min(accepted.delivered_on) as first_delivered_on
    from declared
    inner join accepted on declared.feed = accepted.feed
    group by declared.system_name

),

-- What a feed starts from: the day before the first on which it is expected. A system that has
-- delivered nothing at all starts tonight.
starts as (

    select
        declared.feed,
        {{ add_days(
            'coalesce(declared.since, systems.first_delivered_on, ' ~ as_of() ~ ')', -1
        ) }} as day
    from declared
    left join systems on declared.system_name = systems.system_name

),

days as (

    select
        feed,
        day
    from starts
    union
    select
        accepted.feed,
        accepted.delivered_on as day
    from accepted
    inner join starts on accepted.feed = starts.feed
    where accepted.delivered_on > starts.day

),

followed as (

    select
        declared.feed,
        declared.load_rule,
        declared.grace_days,
        lead(days.day) over (
            partition by declared.feed
            order by days.day asc nulls last
        ) as next_day,
        case
            when declared.expected = 'monthly' then {{ add_months('days.day', 1) }}
            else {{ add_days('days.day', 'case ' ~ weekday('days.day')
                ~ ' when 1 then declared.step_1 when 2 then declared.step_2'
                ~ ' when 3 then declared.step_3 when 4 then declared.step_4'
                ~ ' when 5 then declared.step_5 when 6 then declared.step_6'
                ~ ' else declared.step_7 end') }}
        end as due_on
    from declared
    inner join days on declared.feed = days.feed
    where declared.is_switched_on

),

-- A day that was due and is not covered by a delivery within the days of grace. A later snapshot
-- brings everything; of the other feeds every delivery is needed.
missing as (

    select
        feed,
        min(due_on) as missing_on,
        cast(count(*) as integer) as gaps
    from followed
    where
        case
            when next_day is null then {{ add_days('due_on', 'grace_days') }} <= {{ as_of() }}
            when load_rule = 'snapshot' then false
            else next_day > {{ add_days('due_on', 'grace_days') }}
        end
    group by feed

),

refusals as (

    select
        ledger.delivery_id,
        ledger.feed,
        ledger.delivered_on,
        ledger.revision,
        ledger.path,
        declared.load_rule
    from ledger
    inner join declared on ledger.feed = declared.feed
    where
        ledger.status = 'refused'
        and declared.is_switched_on

),

-- By a later revision of that day, by another file in its place, or by a later snapshot.
corrected as (

    select distinct refusals.delivery_id
    from refusals
    inner join ledger
        on
            refusals.feed = ledger.feed
            and ledger.status in ('loaded', 'redelivered')
            and (
                (
                    refusals.delivered_on = ledger.delivered_on
                    and refusals.revision < ledger.revision
                )
                or (refusals.path = ledger.path and refusals.delivery_id < ledger.delivery_id)
                or (
                    refusals.load_rule = 'snapshot'
                    and refusals.delivered_on < ledger.delivered_on
                )
            )

),

refused as (

    select
        refusals.feed,
        min(refusals.delivered_on) as refused_on,
        cast(count(*) as integer) as refused_files
    from refusals
    left join corrected on refusals.delivery_id = corrected.delivery_id
    where corrected.delivery_id is null
    group by refusals.feed

),

-- What came on each day of a feed. A second file of a day settles what was odd about the first: of
-- two the larger counts, and the one that is whole.
file_days as (

    select
        ledger.feed,
        ledger.delivered_on as day,
        {{ weekday('ledger.delivered_on') }} as weekday,
        declared.expected in ('on_change', 'once') as is_on_change,
        declared.doubt_below_pct,
        declared.follows_lists,
        count(*) as files,
        max(ledger.rows_in) as rows_in,
        min(case when ledger.may_be_cut then 1 else 0 end) as unended_files,
        max(case when ledger.has_row_count then 1 else 0 end) as counted_files
    from ledger
    inner join declared on ledger.feed = declared.feed
    where
        ledger.status = 'loaded'
        and ledger.replay_of is null
        and declared.is_switched_on
    group by
        ledger.feed,
        ledger.delivered_on,
        declared.expected in ('on_change', 'once'),
        declared.doubt_below_pct,
        declared.follows_lists

),

judged_days as (

    select
        file_days.*,
        rows_in = 0 and files = 1 and counted_files = 0 as is_bare,
        lag(day) over (partition by feed order by day asc nulls last) as day_before
    from file_days

),

-- Headers alone that follow one another: nobody's word between them (run), or any (streak).
numbered as (

    select
        judged_days.*,
        sum(case when is_bare then 0 else 1 end) over (
            partition by feed order by day asc nulls last
            rows between unbounded preceding and current row
        ) as run_no,
        sum(case when rows_in = 0 then 0 else 1 end) over (
            partition by feed order by day asc nulls last
            rows between unbounded preceding and current row
        ) as streak_no
    from judged_days

),

in_runs as (

    select
        numbered.*,
        sum(case when is_bare then 1 else 0 end) over (
            partition by feed, run_no order by day asc nulls last
            rows between unbounded preceding and current row
        ) as run_length,
        sum(case when rows_in = 0 then 1 else 0 end) over (
            partition by feed, streak_no order by day asc nulls last
            rows between unbounded preceding and current row
        ) as streak_length,
        case
            when is_bare
                then min(case when is_bare then day end) over (partition by feed, run_no)
            else day
        end as compared_until
    from numbered

),

-- Beside the fewest rows of the same weekday before, so that only a few days are looked at closely.
beside_weekday as (

    select
        in_runs.*,
        min(in_runs.rows_in) over (
            partition by in_runs.feed, in_runs.weekday
            order by in_runs.day asc nulls last
            rows between {{ weeks_before }} preceding and 1 preceding
        ) as fewest_lately
    from in_runs

),

published as (

    select min(as_of) as first_on
    from {{ source('decisions', 'effective_publications') }}
    where as_of < {{ as_of() }}

),

-- Nights after which somebody was written to.
sent as (

    select distinct members.as_of
    from {{ source('decisions', 'effective_list_members') }} as members
    where
        members.as_of < {{ as_of() }}
        and members.arm = 'treat'
        and members.list_code in ({{ marketing_lists | join(', ') }})

),

-- What follows from what was sent is rightly empty after days on which nothing was.
unprompted as (

    select
        in_runs.feed,
        in_runs.day
    from in_runs
    left join sent
        on
            in_runs.day > sent.as_of
            and in_runs.day_before <= sent.as_of
    where
        in_runs.is_bare
        and in_runs.follows_lists
    group by
        in_runs.feed,
        in_runs.day
    having count(sent.as_of) = 0

),

-- Days since the first published night whose only file, which no manifest counts, is empty, ends
-- without a line end, or has fewer rows than that weekday had.
odd_days as (

    select beside_weekday.*
    from beside_weekday
    cross join published
    left join unprompted
        on
            beside_weekday.feed = unprompted.feed
            and beside_weekday.day = unprompted.day
    where
        beside_weekday.day > coalesce(published.first_on, {{ add_days(as_of(), -1) }})
        and beside_weekday.files = 1
        and beside_weekday.counted_files = 0
        and unprompted.feed is null
        and (
            beside_weekday.rows_in = 0
            or beside_weekday.unended_files > 0
            or (
                beside_weekday.rows_in < beside_weekday.fewest_lately
                and beside_weekday.doubt_below_pct > 0
            )
        )

),

before_by_weekday as (

    select
        odd_days.feed,
        odd_days.day,
        earlier.weekday,
        count(*) as files,
        min(earlier.rows_in) as fewest_rows,
        {{ median('earlier.rows_in') }} as usual_rows,
        max(earlier.unended_files) as unended_files,
        max(earlier.streak_length) as longest_streak
    from odd_days
    inner join in_runs as earlier
        on
            odd_days.feed = earlier.feed
            and odd_days.compared_until > earlier.day
            and (
                odd_days.is_on_change
                or {{ days_between('earlier.day', 'odd_days.compared_until') }}
                <= {{ 7 * weeks_before }}
            )
    group by odd_days.feed, odd_days.day, earlier.weekday

),

compared as (

    select
        odd_days.feed,
        odd_days.day,
        odd_days.is_on_change,
        odd_days.rows_in,
        odd_days.doubt_below_pct,
        odd_days.unended_files,
        odd_days.run_length,
        sum(earlier.files) as files_before,
        max(earlier.longest_streak) as longest_streak,
        max(earlier.unended_files) as unended_before,
        sum(case when earlier.fewest_rows > 0 then earlier.files else 0 end) as files_with_rows,
        min(case when earlier.weekday = odd_days.weekday then earlier.fewest_rows end)
            as fewest_on_weekday,
        min(case when earlier.weekday = odd_days.weekday then earlier.usual_rows end)
            as usual_on_weekday,
        sum(case when earlier.weekday = odd_days.weekday then earlier.files else 0 end)
            as files_on_weekday
    from odd_days
    inner join before_by_weekday as earlier
        on
            odd_days.feed = earlier.feed
            and odd_days.day = earlier.day
    group by
        odd_days.feed,
        odd_days.day,
        odd_days.is_on_change,
        odd_days.rows_in,
        odd_days.doubt_below_pct,
        odd_days.unended_files,
        odd_days.run_length

),

-- A header alone where there are always rows is not "nothing happened"; a file that ends as no
-- other does may have been cut off behind a whole record; far fewer rows may be a part of them.
doubted as (

    select
        feed,
        min(day) as doubted_on,
        cast(count(*) as integer) as doubted_files
    from compared
    where
        (unended_files > 0 and unended_before = 0)
        or (
            rows_in = 0
            and (
                (
                    not is_on_change
                    and fewest_on_weekday > 0
                    and files_with_rows >= {{ files_with_rows }}
                )
                or (
                    run_length > {{ times_longest }} * longest_streak
                    and files_before >= case
                        when is_on_change then {{ files_on_change }}
                        else {{ files_with_rows }}
                    end
                )
            )
        )
        or (
            not is_on_change
            and files_on_weekday >= {{ files_of_weekday }}
            and rows_in < fewest_on_weekday
            and 100 * rows_in <= doubt_below_pct * usual_on_weekday
            and (usual_on_weekday - rows_in) * (usual_on_weekday - rows_in)
            > {{ deviations * deviations }} * usual_on_weekday
        )
    group by feed

),

last_accepted as (

    select
        feed,
        max(delivered_on) as last_delivered_on
    from accepted
    group by feed

),

joined as (

    select
        declared.*,
        last_accepted.last_delivered_on,
        missing.missing_on,
        coalesce(missing.gaps, 0) as gaps,
        refused.refused_on,
        coalesce(refused.refused_files, 0) as refused_files,
        doubted.doubted_on,
        coalesce(doubted.doubted_files, 0) as doubted_files,
        missing.feed is not null
        or refused.feed is not null
        or doubted.feed is not null as is_stale,
        -- what a person's word on it names; without what changes nothing about it
        {{ concat_text([
            'declared.feed', "' missing '", text_of('missing.missing_on'), "' '",
            text_of('missing.gaps'), "' refused '", text_of('refused.refused_on'), "' '",
            text_of('refused.refused_files'), "' doubted '", text_of('doubted.doubted_on'),
            "' '", text_of('doubted.doubted_files'),
        ]) }} as state
    from declared
    left join last_accepted on declared.feed = last_accepted.feed
    left join missing on declared.feed = missing.feed
    left join refused on declared.feed = refused.feed
    left join doubted on declared.feed = doubted.feed

),

final as (

    select
        ---------- ids
        joined.feed,
        joined.system_name,

        ---------- declared
        joined.expected,
        joined.grace_days,
        joined.is_switched_on,
        {% for guard in guards -%}
        joined.guards_{{ guard }},
        {% endfor %}
        ---------- delivered
        joined.last_delivered_on,
        joined.missing_on,
        joined.gaps,
        joined.refused_on,
        joined.refused_files,
        joined.doubted_on,
        joined.doubted_files,

        ---------- what follows
        joined.is_stale,
        joined.is_stale and approvals.approved_state is not null as is_approved,
        joined.is_stale and approvals.approved_state is null as is_withholding,
        case when joined.is_stale then joined.state end as state,
        case
            when joined.is_stale
                then {{ concat_text([
                    'joined.feed',
                    "case when joined.missing_on is not null then ' is missing since '
                        || " ~ text_of('joined.missing_on') ~ " end",
                    "case when joined.missing_on is not null and joined.refused_files > 0
                        then ' and' end",
                    "case when joined.refused_files > 0 then ' has '
                        || " ~ text_of('joined.refused_files') ~ "
                        || case when joined.refused_files = 1 then ' refused file of '
                            else ' refused files since ' end
                        || " ~ text_of('joined.refused_on') ~ " end",
                    "case when joined.missing_on is not null or joined.refused_files > 0 then
                        case when joined.doubted_files > 0 then ' and' end end",
                    "case when joined.doubted_files > 0 then ' is in doubt since '
                        || " ~ text_of('joined.doubted_on')
                        ~ " || ' (a header alone, no line end, or far fewer rows than usual: send that day again)' end",
                ]) }}
        end as words
    from joined
    left join approvals on joined.state = approvals.approved_state

)

select * from final
