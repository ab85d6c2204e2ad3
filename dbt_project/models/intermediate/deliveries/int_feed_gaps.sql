{{ config(post_hook="{{ analyze() }}") }}

-- Days on which a feed was due and did not come.

with declared as (

    select * from {{ ref('int_feeds_declared') }}

),

accepted as (

    select distinct
        feed,
        delivered_on
    from {{ ref('stg_deliveries') }}

),

systems as (

    select
        declared.system_name,
        min(accepted.delivered_on) as first_delivered_on
    from declared
    inner join accepted on declared.feed = accepted.feed
    group by declared.system_name

),

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

in_order as (

    select
        feed,
        day,
        lag(day) over (partition by feed order by day asc nulls last) as previous_day,
        lead(day) over (partition by feed order by day asc nulls last) as next_day
    from days

),

followed as (

    select
        declared.feed,
        declared.load_rule,
        declared.grace_days,
        in_order.next_day,
        case
            -- from the one before, where it came on its day: a short month moves no later one
            when
                declared.expected = 'monthly'
                and {{ add_months('in_order.previous_day', 1) }} = in_order.day
                then {{ add_months('in_order.previous_day', 2) }}
            when declared.expected = 'monthly' then {{ add_months('in_order.day', 1) }}
            else {{ add_days('in_order.day', 'case ' ~ weekday('in_order.day')
                ~ ' when 1 then declared.step_1 when 2 then declared.step_2'
                ~ ' when 3 then declared.step_3 when 4 then declared.step_4'
                ~ ' when 5 then declared.step_5 when 6 then declared.step_6'
                ~ ' else declared.step_7 end') }}
        end as due_on
    from declared
    inner join in_order on declared.feed = in_order.feed
    where declared.is_switched_on

),

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

)

select * from missing
