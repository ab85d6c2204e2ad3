{{ config(post_hook="{{ analyze() }}") }}

with cases as (

    {{ union_systems('cases') }}

),

surveys as (

    select * from {{ ref('int_surveys_known') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

answers as (

    select
        case_id,
        max(case when kind = 'csat' then score end) as csat,
        max(case when kind = 'nps' then score end) as nps
    from surveys
    where place_in_case = 1
    group by case_id

),

-- What a row says about the time after tonight is future knowledge: not used yet.
known as (

    select
        cases.*,
        case when cases.first_reply_at < {{ as_of_end() }} then cases.first_reply_at end
            as replied_at,
        case when cases.resolved_at < {{ as_of_end() }} then cases.resolved_at end
            as closed_at
    from cases

),

measured as (

    select
        known.*,
        {{ minutes_between('known.opened_at', 'known.replied_at') }} as first_reply_minutes,
        {{ minutes_between('known.opened_at', 'known.closed_at') }} as resolution_minutes,
        {{ minutes_between('known.opened_at', as_of_end()) }} as waiting_minutes
    from known

),

judged as (

    select
        measured.*,
        coalesce(
            coalesce(measured.first_reply_minutes, measured.waiting_minutes)
            > measured.promised_reply_minutes,
            false
        ) as is_breach
    from measured

),

final as (

    select
        ---------- ids
        judged.case_id,
        coalesce(customers.customer_id, {{ unknown_customer() }}) as customer_id,
        judged.order_id,
        judged.product_id,

        ---------- what
        judged.kind,
        judged.reason,

        ---------- times
        judged.opened_at,
        {{ local_date('judged.opened_at') }} as opened_on,
        judged.replied_at as first_reply_at,
        judged.closed_at as resolved_at,
        judged.first_reply_minutes,
        judged.resolution_minutes,
        judged.promised_reply_minutes,

        ---------- how it went
        judged.is_breach,
        judged.closed_at is null as is_open,
        coalesce(judged.reopened_count, 0) as reopened_count,
        answers.csat,
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

)

select * from final
