{{ config(post_hook="{{ analyze() }}") }}
{#- So many files with rows make an empty one odd: of a feed of most days, of one or few days a
    week, of one that comes more seldom, whose files all count however long ago they came. #}
{%- set files_to_judge = {'often': 28, 'weekly': 6, 'seldom': 3} %}

-- What came on each day of a feed, and which header alone follows which.

with declared as (

    select * from {{ ref('int_feeds_declared') }}

),

ledger as (

    {{ known_deliveries() }}

),

replayed as (

    select distinct replay_of
    from ledger
    where rows_loaded > 0

),

-- A file with rows that came on an earlier day already, to the byte.
accepted as (

    select
        ledger.*,
        min(ledger.delivered_on) over (partition by ledger.feed, ledger.sha256)
        < ledger.delivered_on
        and ledger.rows_in > 0 as is_repeat,
        max(ledger.revision)
            over (partition by ledger.feed, ledger.delivered_on) as last_revision,
        max(case when ledger.rows_in > 0 then ledger.revision end)
            over (partition by ledger.feed, ledger.delivered_on) as last_revision_with_rows,
        ledger.rows_in > 1
        and ledger.rows_quarantined = ledger.rows_in
        and replayed.replay_of is null as is_unread
    from ledger
    left join replayed on ledger.delivery_id = replayed.replay_of
    where
        ledger.status = 'loaded'
        and ledger.replay_of is null

),

file_days as (

    select
        accepted.feed,
        accepted.delivered_on as day,
        {{ weekday('accepted.delivered_on') }} as weekday,
        declared.expected in ('on_change', 'once', 'monthly') as is_seldom,
        case
            when declared.expected in ('on_change', 'once', 'monthly')
                then {{ files_to_judge.seldom }}
            when declared.days_a_week <= 3 then {{ files_to_judge.weekly }}
            else {{ files_to_judge.often }}
        end as files_to_judge,
        declared.doubt_below_pct,
        declared.follows_lists,
        count(*) as files,
        max(accepted.rows_in) as rows_in,
        min(case when accepted.is_repeat and declared.load_rule <> 'snapshot' then 1 else 0 end)
            as repeated_files,
        min(case when accepted.may_be_cut then 1 else 0 end) as unended_files,
        max(case when accepted.has_row_count then 1 else 0 end) as counted_files,
        sum(
            case
                when
                    declared.load_rule = 'append'
                    and accepted.rows_in = 0
                    and not accepted.has_row_count
                    and accepted.revision > accepted.last_revision_with_rows
                    then 1
                else 0
            end
        ) as emptying_files,
        -- of a feed whose rows add up the last revision counts alone, of others what it says
        max(
            case
                when
                    accepted.is_unread
                    and accepted.revision = case declared.load_rule
                        when 'append' then accepted.last_revision
                        else accepted.last_revision_with_rows
                    end
                    then 1
                else 0
            end
        ) as unread_files
    from accepted
    inner join declared on accepted.feed = declared.feed
    where declared.is_switched_on
    group by
        accepted.feed,
        accepted.delivered_on,
        declared.expected,
        declared.days_a_week,
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

)

select * from in_runs
