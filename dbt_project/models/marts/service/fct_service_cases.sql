{{ config(post_hook="{{ analyze() }}") }}

-- A case of a later day waits for it.
with cases as (

    select * from {{ ref('int_cases_unioned') }}
    where opened_at < {{ as_of_end() }}

),

surveys as (

    select * from {{ ref('int_surveys_known') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

carried_on as (

    select * from {{ ref('int_cases_carried_on') }}

),

answers as (

    select
        case_id,
        max(case when kind = 'csat' then score end) as csat,
        max(case when kind = 'csat' then answered_on end) as csat_on,
        max(case when kind = 'nps' then score end) as nps
    from surveys
    where place_in_case = 1
    group by case_id

),

-- What a row says about the time after tonight is future knowledge: not used yet.
known as (

    select
        cases.*,
        {%- for event, known_as in [
            ('first_reply_at', 'written_at'),
            ('answered_by_phone_at', 'phoned_at'),
            ('resolved_at', 'solved_at'),
            ('merged_at', 'merged_away_at'),
        ] %}
        case when cases.{{ event }} < {{ as_of_end() }} then cases.{{ event }} end
            as {{ known_as }},
        {%- endfor %}
        -- merged at a time that nobody told: merged, from when is not known
        cases.merged_into_case_id is not null
        and (cases.merged_at is null or cases.merged_at < {{ as_of_end() }}) as is_merged
    from cases

),

-- Whichever came first, by telephone or in writing; by being solved or by being merged.
ended as (

    select
        known.*,
        {{ earlier_of('known.written_at', 'known.phoned_at') }} as replied_at,
        {{ earlier_of('known.solved_at', 'known.merged_away_at') }} as closed_at
    from known

),

measured as (

    select
        ended.*,
        {{ minutes_between('ended.opened_at', 'ended.replied_at') }} as first_reply_minutes,
        {{ minutes_between('ended.opened_at', 'ended.closed_at') }} as resolution_minutes,
        {{ minutes_between('ended.opened_at', as_of_end()) }} as minutes_so_far
    from ended

),

-- The clock of the promise ends with the first of them all, and runs on while there is none.
timed as (

    select
        measured.*,
        coalesce(
            {{ earlier_of('measured.first_reply_minutes', 'measured.resolution_minutes') }},
            case when not measured.is_merged then measured.minutes_so_far end
        ) as waited_minutes
    from measured

),

judged as (

    select
        timed.*,
        coalesce(timed.waited_minutes > timed.promised_reply_minutes, false) as is_breach
    from timed

),

final as (

    select
        ---------- ids
        judged.case_id,
        coalesce(customers.customer_id, {{ unknown_customer() }}) as customer_id,
        judged.order_id,
        judged.product_id,
        case
            when judged.serial is not null
                then {{ unit_id('judged.product_id', 'judged.serial') }}
        end as unit_id,
        case when judged.is_merged then judged.merged_into_case_id end as merged_into_case_id,

        ---------- what
        judged.kind,
        judged.reason,
        judged.team,

        ---------- times
        judged.opened_at,
        {{ local_date('judged.opened_at') }} as opened_on,
        judged.replied_at as first_reply_at,
        judged.closed_at as resolved_at,
        judged.first_reply_minutes,
        judged.resolution_minutes,
        {{ business_minutes_between('judged.opened_at', 'judged.replied_at') }}
            as first_reply_business_minutes,
        {{ business_minutes_between('judged.opened_at', 'judged.closed_at') }}
            as resolution_business_minutes,
        judged.promised_reply_minutes,

        ---------- how it went
        judged.is_breach,
        judged.closed_at is null and not judged.is_merged as is_open,
        case
            when not judged.is_merged then (judged.closed_at is null)
            when not successors.is_merged then (successors.closed_at is null)
        end as is_unsolved,
        coalesce(judged.reopened_count, 0) as reopened_count,
        answers.csat,
        answers.csat_on,
        answers.nps,

        ---------- money
        cast(
            coalesce(judged.agent_minutes, 0) * {{ var('agent_minute_cost') }}
            + coalesce(judged.goodwill_cost, 0)
            as numeric(14, 2)
        ) as service_cost,
        judged.kind in ('complaint', 'repair', 'warranty_claim')
        or judged.is_breach
        or coalesce(judged.reopened_count, 0) > 0 as is_own_failure
    from judged
    left join customers on judged.customer_id = customers.customer_id
    left join answers on judged.case_id = answers.case_id
    left join carried_on on judged.case_id = carried_on.case_id
    left join ended as successors on carried_on.into_case_id = successors.case_id

)

select * from final
